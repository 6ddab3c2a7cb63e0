import { decode } from "jpeg-js";

import { HashingError } from "./errors.js";
import {
  checkLimits,
  DEFAULT_LIMITS,
  type DecodeLimits,
  type ImageDecoder,
  type PictureSource,
  type PictureUri,
  type RgbaImage,
} from "./image.js";
import { HASHED_SIDE } from "./shrink.js";

/** What is used of `ImageManipulator` of `expo-image-manipulator` (13 and later). */
export interface ExpoImageManipulator {
  manipulate(uri: string): ExpoContext;
}

/** A picture about to be changed. */
export interface ExpoContext {
  resize(size: { width?: number; height?: number }): ExpoContext;
  renderAsync(): Promise<ExpoImage>;
  release(): void;
}

/** A picture that the phone holds open. */
export interface ExpoImage {
  readonly width: number;
  readonly height: number;
  /** All optional, because theirs are; asked for is a JPEG with base64. */
  saveAsync(options?: ExpoSaving): Promise<ExpoSaved>;
  release(): void;
}

/** How a copy is saved; their own type has an enum for `format`. */
export interface ExpoSaving {
  readonly format?: string;
  readonly compress?: number;
  readonly base64?: boolean;
}

/** A copy in the app's cache folder. */
export interface ExpoSaved {
  readonly uri: string;
  readonly base64?: string;
}

/** What {@link createExpoDecoder} needs of the app. */
export interface ExpoDecoderOptions {
  /** `ImageManipulator` of `expo-image-manipulator`. */
  readonly manipulator: ExpoImageManipulator;
  /**
   * Deletes the small copy that the phone makes in the app's cache on the way, for example
   * `(uri) => new File(uri).delete()` with `File` of `expo-file-system`. That it fails does not fail
   * the hash; it is called once for each picture, also for one that could not be opened.
   */
  readonly removeFile: (uri: string) => Promise<void> | void;
  /** Caps; {@link DEFAULT_LIMITS} where nothing is said. */
  readonly limits?: Partial<DecodeLimits>;
}

/** Megapixels and megabytes that the copy may take; it has at most 1 megapixel. */
const COPY_MEGAPIXELS = 2;
const COPY_MEMORY_MB = 64;

/**
 * An {@link ImageDecoder} for Expo apps and others that have `expo-image-manipulator`.
 *
 * The phone opens the picture, turns it as EXIF says and shrinks it; a JPEG of the small copy is
 * decoded in JavaScript by `jpeg-js`. Takes addresses on the phone (`file:`, `content:`, `ph:`,
 * `data:`), no bytes. Give the picker's `width` and `height`, so that too large a picture is refused
 * before it is opened. Behind transparent parts is what the phone puts there, most often black.
 */
export function createExpoDecoder(options: ExpoDecoderOptions): ImageDecoder {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return async (source) => {
    const uri = localUri(source);
    checkLimits(uri, limits);
    return opened(uri.uri, options, limits);
  };
}

function localUri(source: PictureSource): PictureUri {
  if (!("uri" in source)) {
    throw new HashingError("unsupported_type", "this decoder takes an address, not bytes");
  }
  if (/^https?:/i.test(source.uri)) {
    throw new HashingError("unsupported_type", "the address is not on this device");
  }
  return source;
}

async function opened(
  uri: string,
  { manipulator, removeFile }: ExpoDecoderOptions,
  limits: DecodeLimits,
): Promise<RgbaImage> {
  const copied = async (image: ExpoImage): Promise<RgbaImage> => {
    const saved = await native(() =>
      image.saveAsync({ format: "jpeg", compress: 1, base64: true }),
    );
    await removed(saved.uri, removeFile);
    return decoded(saved.base64);
  };
  const looked = await rendered(manipulator, uri, [], async (whole) => {
    checkLimits(whole, limits);
    const sizes = halvings(whole.width, whole.height);
    return sizes.length === 0 ? copied(whole) : sizes;
  });
  // Opened anew and not at once, so that a large picture is in memory only once.
  return "data" in looked ? looked : rendered(manipulator, uri, looked, copied);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Opens the picture, shrunk to one size after the other, for as long as it is used. */
async function rendered<T>(
  manipulator: ExpoImageManipulator,
  uri: string,
  sizes: readonly Size[],
  use: (image: ExpoImage) => Promise<T>,
): Promise<T> {
  const context = await native(async () => manipulator.manipulate(uri));
  try {
    const image = await native(() =>
      sizes.reduce((last, size) => last.resize(size), context).renderAsync(),
    );
    try {
      return await use(image);
    } finally {
      image.release();
    }
  } finally {
    context.release();
  }
}

/**
 * Sizes by halves, down to less than twice what is hashed. Phones shrink by looking at the four
 * nearest pixels: at a half these are all there are, while in one large step most are passed over.
 */
function halvings(width: number, height: number): readonly Size[] {
  const sizes: Size[] = [];
  let size = { width, height };
  while (Math.max(size.width, size.height) >= 2 * HASHED_SIDE) {
    size = {
      width: Math.max(1, Math.round(size.width / 2)),
      height: Math.max(1, Math.round(size.height / 2)),
    };
    sizes.push(size);
  }
  return sizes;
}

async function native<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // The module does not say why: gone, damaged or of a kind that this phone does not open.
    throw new HashingError("damaged", error instanceof Error ? error.name : "unknown");
  }
}

async function removed(uri: string, removeFile: ExpoDecoderOptions["removeFile"]): Promise<void> {
  try {
    await removeFile(uri);
  } catch {
    // The phone empties the cache in time; the person's hash is not to be lost over it.
  }
}

function decoded(base64: string | undefined): RgbaImage {
  try {
    return decode(fromBase64(base64 ?? ""), {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: COPY_MEGAPIXELS,
      maxMemoryUsageInMB: COPY_MEMORY_MB,
    });
  } catch (error) {
    throw new HashingError("damaged", `copy: ${error instanceof Error ? error.name : "unknown"}`);
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
