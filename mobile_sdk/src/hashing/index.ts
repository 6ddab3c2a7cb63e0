/** Hashes of pictures made on the device: what leaves it is 64 digits, not the picture. */
export { decodeForHashing, type DecodeOptions } from "./browser.js";
export { HashingError, type HashingErrorCode } from "./errors.js";
export {
  DEFAULT_LIMITS,
  type DecodeLimits,
  type ImageDecoder,
  type PictureSource,
  type PictureUri,
  type RgbaImage,
} from "./image.js";
export {
  hammingDistance,
  pdq,
  pdqForms,
  PDQ_FORMS,
  PDQ_MATCH_DISTANCE,
  PDQ_MIN_QUALITY,
  type PdqForm,
  type PdqForms,
  type PdqHash,
} from "./pdq.js";
export { createSha256, sha256Hex, type Sha256 } from "./sha256.js";
export { HASHED_SIDE } from "./shrink.js";
