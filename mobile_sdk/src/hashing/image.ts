import { HashingError } from "./errors.js";

/** A decoded picture, as a canvas' `getImageData` gives it. */
export interface RgbaImage {
  /**
   * Red, green, blue and alpha of each pixel, 0 to 255, row by row from top left; sRGB, colours not
   * multiplied by alpha.
   */
  readonly data: Uint8ClampedArray | Uint8Array;
  /** Pixels, at least 1. */
  readonly width: number;
  /** Pixels, at least 1. */
  readonly height: number;
}

/** Where a picture comes from: its file's bytes, or an address on the device. */
export type PictureSource = Blob | Uint8Array | PictureUri;

/** A picture that a picker or the camera put on the device. */
export interface PictureUri {
  /** `file:`, `content:` or `ph:` on a phone, `blob:` or `data:` in a browser. */
  readonly uri: string;
  /** Pixels, where the picker says so: too large a picture is then refused before it is opened. */
  readonly width?: number;
  /** Pixels, see `width`. */
  readonly height?: number;
}

/**
 * Opens a picture for hashing: oriented as it is shown, its first frame. May shrink it to no less
 * than {@link HASHED_SIDE} pixels on its longest side. Rejects with {@link HashingError}.
 */
export type ImageDecoder = (source: PictureSource) => Promise<RgbaImage>;

/** How much of a picture is opened on the device. All are inclusive. */
export interface DecodeLimits {
  /** Size of the file. */
  readonly maxBytes: number;
  /** Width times height; opening takes four bytes of memory for each. */
  readonly maxPixels: number;
  /** Width, and height. */
  readonly maxSide: number;
}

/**
 * The backend takes up to 100 megapixels. A phone keeps a picture open at full size, so that here it
 * is less: 64 megapixels are 256 MB.
 */
export const DEFAULT_LIMITS: DecodeLimits = {
  maxBytes: 30_000_000,
  maxPixels: 64_000_000,
  maxSide: 30_000,
};

const CHANNELS = 4;

/** Throws {@link HashingError} unless sizes are whole numbers that fit the pixels. */
export function checkImage({ data, width, height }: RgbaImage): void {
  if (width === 0 || height === 0) throw new HashingError("empty", `size ${width}x${height}`);
  if (!isCount(width) || !isCount(height)) {
    throw new HashingError("invalid_pixels", `size ${width}x${height}`);
  }
  if (data.length !== CHANNELS * width * height) {
    throw new HashingError("invalid_pixels", `${data.length} bytes for ${width}x${height}`);
  }
}

/** Throws {@link HashingError} if a file or a picture is larger than allowed. */
export function checkLimits(
  found: { readonly bytes?: number; readonly width?: number; readonly height?: number },
  limits: DecodeLimits,
): void {
  const { bytes, width, height } = found;
  if (bytes === 0) throw new HashingError("empty", "no bytes");
  if (bytes !== undefined && bytes > limits.maxBytes) {
    throw new HashingError("too_large", `${bytes} bytes`);
  }
  for (const side of [width, height]) {
    if (side === 0) throw new HashingError("empty", `size ${width}x${height}`);
    if (side !== undefined && !(side <= limits.maxSide)) {
      throw new HashingError("too_many_pixels", `size ${width}x${height}`);
    }
  }
  if (width !== undefined && height !== undefined && !(width * height <= limits.maxPixels)) {
    throw new HashingError("too_many_pixels", `size ${width}x${height}`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
