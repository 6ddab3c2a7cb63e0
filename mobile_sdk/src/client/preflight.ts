/** Asks whether a picture is known before it is sent: its hashes go out, no byte of it. */

import type { PreflightResult } from "../types/client.js";
import type { MediaSource, PictureDecoder } from "../types/port.js";
import type { Call } from "./calls.js";

export interface PreflightOptions {
  readonly call: Call;
  /** Opens pictures: `createExpoDecoder(…)` on phones. Default: the browser's. */
  readonly decode?: PictureDecoder | undefined;
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
  decode: PictureDecoder | undefined,
): Promise<readonly string[] | null> {
  // A browser gets it with the first picture; where it cannot, the upload is checked in full anyway.
  const hashing = await import("./picture-hashing.js").catch(() => null);
  const found = await hashing?.hashPicture(source, decode);
  return found !== undefined && "forms" in found && found.isTelling ? found.forms : null;
}
