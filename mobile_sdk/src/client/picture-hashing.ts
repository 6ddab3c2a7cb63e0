/**
 * Opens and hashes a picture on the device. Loaded with the first picture (see `preflight.ts` and
 * `hasher.ts`): an app whose user only reads notifications need not load it.
 */

import { decodeForHashing } from "../hashing/browser.js";
import { HashingError } from "../hashing/errors.js";
import { PDQ_FORMS, PDQ_MIN_QUALITY, pdqForms } from "../hashing/pdq.js";
import type { MediaSource, PictureDecoder } from "../types/port.js";

export interface PictureHashes {
  /** The picture's own PDQ, 64 hexadecimal digits. */
  readonly pdq: string;
  /** All eight ways to turn it over, itself first. */
  readonly forms: readonly string[];
  /** 0 to 100. */
  readonly quality: number;
  /** Whether there is enough in it for its hash to say something. */
  readonly isTelling: boolean;
}

/** What cannot be hashed here: which of HashingError's codes. */
export interface NotHashed {
  readonly refused: string;
}

export async function hashPicture(
  source: MediaSource,
  decode: PictureDecoder = decodeForHashing,
): Promise<PictureHashes | NotHashed> {
  try {
    const { forms, quality } = pdqForms(await decode(source));
    const all = PDQ_FORMS.map((form) => forms[form]);
    return {
      pdq: all[0] ?? "",
      forms: all,
      quality,
      isTelling: quality >= PDQ_MIN_QUALITY,
    };
  } catch (error) {
    if (error instanceof HashingError) return { refused: error.code };
    throw error;
  }
}
