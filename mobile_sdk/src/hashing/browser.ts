import { HashingError } from "./errors.js";
import { pictureHeader, type PictureType } from "./header.js";
import {
  checkLimits,
  DEFAULT_LIMITS,
  type DecodeLimits,
  type PictureSource,
  type RgbaImage,
} from "./image.js";
import { createShrinker, type Luma } from "./shrink.js";

/** How {@link decodeForHashing} opens a picture. */
export interface DecodeOptions {
  /** Caps; {@link DEFAULT_LIMITS} where nothing is said. */
  readonly limits?: Partial<DecodeLimits>;
  /** Stops it; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Pixels of a tile's sides: no canvas is larger, whatever the picture. */
const TILE_WIDTH = 2048;
const TILE_HEIGHT = 512;

/**
 * Opens a picture in a browser for {@link pdq}: its first frame, turned as EXIF says, over white.
 *
 * Gives its brightness, which is all that a hash looks at, as a grey picture of 512 pixels at most
 * on its longest side. Nothing is sent anywhere: an address must be `blob:` or `data:`. Colour
 * profiles are left aside, as the backend does.
 *
 * Rejects with {@link HashingError}; see its codes.
 */
export async function decodeForHashing(
  source: PictureSource,
  options: DecodeOptions = {},
): Promise<RgbaImage> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { signal } = options;
  signal?.throwIfAborted();
  const bytes = await bytesOf(source, limits);
  signal?.throwIfAborted();
  const type = checkHeader(bytes, limits);
  const opened = await open(bytes, type);
  try {
    signal?.throwIfAborted();
    checkLimits(opened, limits);
    return grey(shrunk(opened));
  } finally {
    opened.close();
  }
}

async function bytesOf(
  source: PictureSource,
  limits: DecodeLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array) {
    checkLimits({ bytes: source.byteLength }, limits);
    return new Uint8Array(source);
  }
  if (source instanceof Blob) {
    checkLimits({ bytes: source.size }, limits);
    return new Uint8Array(await readable(() => source.arrayBuffer()));
  }
  checkLimits(source, limits);
  if (!/^(blob|data):/i.test(source.uri)) {
    throw new HashingError("unsupported_type", "the address is not on this device");
  }
  const blob = await readable(async () => (await fetch(source.uri)).blob());
  return bytesOf(blob, limits);
}

/** A file may be gone, or its permission, since it was chosen. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new HashingError("damaged", `not readable: ${nameOf(error)}`);
  }
}

function checkHeader(bytes: Uint8Array, limits: DecodeLimits): PictureType {
  const header = pictureHeader(bytes);
  if (header === undefined) throw new HashingError("unsupported_type", "no known signature");
  if (!("width" in header)) throw new HashingError("damaged", `${header.type} without a size`);
  checkLimits(header, limits);
  return header.type;
}

/** A picture that can be drawn, as it is to be looked at. */
interface Opened {
  readonly picture: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  readonly close: () => void;
}

/** Formats that no browser needs to know: that it cannot open one does not say that it is damaged. */
const OPTIONAL: ReadonlySet<PictureType> = new Set<PictureType>(["image/avif", "image/heic"]);

async function open(bytes: Uint8Array<ArrayBuffer>, type: PictureType): Promise<Opened> {
  const blob = new Blob([bytes], { type });
  try {
    return (await openBitmap(blob)) ?? (await openElement(blob));
  } catch (error) {
    const code = OPTIONAL.has(type) ? "unsupported_type" : "damaged";
    throw new HashingError(code, `${type}: ${nameOf(error)}`);
  }
}

/** Undefined where this browser cannot do it in this way; rejects for a picture that nobody can open. */
async function openBitmap(blob: Blob): Promise<Opened | undefined> {
  if (typeof createImageBitmap !== "function") return undefined;
  try {
    const bitmap = await createImageBitmap(blob, {
      imageOrientation: "from-image",
      colorSpaceConversion: "none",
    });
    const { width, height } = bitmap;
    return { picture: bitmap, width, height, close: () => bitmap.close() };
  } catch (error) {
    // Older browsers know neither the options nor every format that they show in a page.
    if (typeof Image !== "undefined") return undefined;
    throw error;
  }
}

async function openElement(blob: Blob): Promise<Opened> {
  const element = new Image();
  const address = URL.createObjectURL(blob);
  const close = (): void => {
    element.src = "";
    URL.revokeObjectURL(address);
  };
  try {
    element.src = address;
    await element.decode();
  } catch (error) {
    close();
    throw error;
  }
  return { picture: element, width: element.naturalWidth, height: element.naturalHeight, close };
}

type Canvas = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

function canvasOf(width: number, height: number): Canvas {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true };
  if (typeof OffscreenCanvas === "function") {
    const context = new OffscreenCanvas(width, height).getContext("2d", settings);
    if (context !== null) return context;
  }
  if (typeof document !== "undefined") {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", settings);
    if (context !== null) return context;
  }
  throw new HashingError("unreadable", "no canvas");
}

function shrunk({ picture, width, height }: Opened): Luma {
  const tileWidth = Math.min(TILE_WIDTH, width);
  const tileHeight = Math.min(TILE_HEIGHT, height);
  const canvas = canvasOf(tileWidth, tileHeight);
  checkCanvas(canvas, tileWidth, tileHeight);
  const shrinker = createShrinker(width, height);
  for (let top = 0; top < height; top += tileHeight) {
    for (let left = 0; left < width; left += tileWidth) {
      const across = Math.min(tileWidth, width - left);
      const down = Math.min(tileHeight, height - top);
      canvas.fillStyle = "#fff";
      canvas.fillRect(0, 0, across, down);
      canvas.drawImage(picture, left, top, across, down, 0, 0, across, down);
      shrinker.add(read(canvas, across, down), left, top);
    }
  }
  return shrinker.luma;
}

/** Levels by which a pixel may come back changed: browsers add one or two against tracking. */
const CANVAS_NOISE = 4;

/**
 * Some browsers give out made-up pixels unless the person allows reading. A hash of these would
 * protect nothing and find nothing, so a pattern that is known is read first.
 */
function checkCanvas(canvas: Canvas, width: number, height: number): void {
  const across = Math.min(8, width);
  const down = Math.min(8, height);
  const known = canvas.createImageData(across, down);
  known.data.forEach((_, at) => {
    known.data[at] = at % 4 === 3 ? 255 : (at * 89 + 31) % 256;
  });
  canvas.putImageData(known, 0, 0);
  const found = read(canvas, across, down);
  let difference = 0;
  found.data.forEach((level, at) => (difference += Math.abs(level - (known.data[at] ?? 0))));
  if (!(difference / found.data.length <= CANVAS_NOISE)) {
    throw new HashingError("unreadable", "the canvas gives out other pixels than were drawn");
  }
}

function read(canvas: Canvas, width: number, height: number): RgbaImage {
  try {
    return canvas.getImageData(0, 0, width, height);
  } catch (error) {
    throw new HashingError("unreadable", nameOf(error));
  }
}

function grey({ levels, width, height }: Luma): RgbaImage {
  const data = new Uint8ClampedArray(4 * levels.length); // rounds to the nearest level
  levels.forEach((level, pixel) => {
    data.fill(level, 4 * pixel, 4 * pixel + 3);
    data[4 * pixel + 3] = 255;
  });
  return { data, width, height };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
