/**
 * Why a picture was not hashed. The first five are the backend's own words for files it refuses;
 * the last two can only happen on a device.
 *
 * - `empty`: no bytes, or no pixels.
 * - `unsupported_type`: not JPEG, PNG, GIF, WebP, AVIF or HEIC, or this device cannot open it.
 * - `damaged`: starts like one of them, but cannot be shown.
 * - `too_large`: more bytes than allowed.
 * - `too_many_pixels`: larger when opened than allowed.
 * - `invalid_pixels`: sizes and pixels that do not fit together: a fault of the calling program.
 * - `unreadable`: the device does not let programs read pixels, or gives out changed ones.
 */
export type HashingErrorCode =
  | "empty"
  | "unsupported_type"
  | "damaged"
  | "too_large"
  | "too_many_pixels"
  | "invalid_pixels"
  | "unreadable";

const USER_MESSAGES: Readonly<Record<HashingErrorCode, string>> = {
  empty: "This file is empty. Check that it opens on your device and choose it again.",
  unsupported_type:
    "Pictures of this kind cannot be checked on this device. Save it as JPEG or PNG and choose it again.",
  damaged:
    "This picture could not be opened. Check that it opens on your device and choose it again.",
  too_large:
    "This file is too large to be checked on this device. Make it smaller and choose it again.",
  too_many_pixels:
    "This picture is too large to be checked on this device. Make it smaller and choose it again.",
  invalid_pixels: "This picture could not be checked on this device. Choose it again.",
  unreadable:
    "This browser does not let apps read pictures exactly, so this one could not be checked here. " +
    "A privacy setting or an extension may be the reason.",
};

/**
 * A picture was not hashed; trying again with the same picture on the same device will not help.
 *
 * An upload may go on all the same: it is checked in full when it arrives.
 */
export class HashingError extends Error {
  override readonly name = "HashingError";
  readonly code: HashingErrorCode;
  readonly retryable = false;
  /** In English, for the person who chose the picture: what happened and what to do. */
  readonly userMessage: string;

  /** `cause`: for developers. It quotes nothing of the file. */
  constructor(code: HashingErrorCode, cause: string) {
    super(`${code}: ${cause}`);
    this.code = code;
    this.userMessage = USER_MESSAGES[code];
  }
}
