/** Hashes of one's own pictures, made on the device. */

import type { PersonalHash } from "../types/generated/messages.js";
import type { MediaSource, PictureDecoder } from "../types/port.js";
import type { Faults } from "./faults.js";

/** Rejects with `file` for what cannot be opened here. */
export function createHasher(
  decode: PictureDecoder | undefined,
  faults: Faults,
): (source: MediaSource) => Promise<PersonalHash> {
  return async (source) => {
    // Without a connection a browser may not get it.
    const { hashPicture } = await import("./picture-hashing.js").catch((error: unknown) => {
      throw faults.of("unavailable", "not_loaded", { cause: error });
    });
    const found = await hashPicture(source, decode).catch((error: unknown) => {
      throw faults.from(error);
    });
    if ("refused" in found) throw faults.of("file", found.refused);
    return { pdq: found.pdq, quality: found.quality };
  };
}
