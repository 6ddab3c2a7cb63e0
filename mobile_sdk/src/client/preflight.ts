/** Asks whether a picture is known before it is sent: its hashes go out, no byte of it. */

import { HashingError } from "../hashing/errors.js";
import type { ImageDecoder } from "../hashing/image.js";
import { PDQ_FORMS, PDQ_MIN_QUALITY, pdqForms } from "../hashing/pdq.js";
import type { PreflightResult } from "../types/client.js";
import type { MediaSource } from "../types/port.js";
import type { Call } from "./calls.js";

export interface PreflightOptions {
  readonly call: Call;
  /** Opens pictures: `decodeForHashing` in browsers, `createExpoDecoder(…)` on phones. */
  readonly decode: ImageDecoder;
}

/**
 * Makes `scanMedia`. It rejects with MediaIntegrityError where the backend does not answer. What
 * cannot be hashed on this device (films, recordings, damaged or flat pictures) is not known.
 *
 * All eight ways to turn the picture over are asked about: a copy is often mirrored.
 */
export function createPreflight({
  call,
  decode,
}: PreflightOptions): (source: MediaSource) => Promise<PreflightResult> {
  return async (source) => {
    const hashes = await hashesOf(source, decode);
    if (hashes === null) return { known: false, hashed: false };
    const { answers } = await call("check_hashes", { hashes: [...hashes] });
    return answers.includes("hold")
      ? { known: true, hashed: true }
      : { known: false, hashed: true };
  };
}

async function hashesOf(
  source: MediaSource,
  decode: ImageDecoder,
): Promise<readonly string[] | null> {
  try {
    const { forms, quality } = pdqForms(await decode(source));
    return quality < PDQ_MIN_QUALITY ? null : PDQ_FORMS.map((form) => forms[form]);
  } catch (error) {
    if (error instanceof HashingError) return null;
    throw error;
  }
}
