/** Hashes of one's own pictures, made on the device. */

import { HashingError } from "../hashing/errors.js";
import { pdq } from "../hashing/pdq.js";
import type { PersonalHash } from "../types/generated/messages.js";
import type { MediaSource, PictureDecoder } from "../types/port.js";
import type { Faults } from "./faults.js";

/** Rejects with `file` for what cannot be opened here. */
export function createHasher(
  decode: PictureDecoder,
  faults: Faults,
): (source: MediaSource) => Promise<PersonalHash> {
  return async (source) => {
    try {
      const { hex, quality } = pdq(await decode(source));
      return { pdq: hex, quality };
    } catch (error) {
      if (!(error instanceof HashingError)) throw faults.from(error);
      throw faults.of("file", error.code, { cause: error });
    }
  };
}
