import type { RgbaImage } from "./image.js";

/** Longest side of what is hashed, as in the backend and in the reference programs. */
export const HASHED_SIDE = 512;

const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;
const OPAQUE = 255;

/** Brightness of a picture, row by row: 0 to 255, not rounded. */
export interface Luma {
  readonly levels: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A picture that arrives in tiles and becomes its brightness at the size that is hashed. */
export interface Shrinker {
  /** Adds a tile whose top left pixel is there in the picture. Each pixel must come once. */
  readonly add: (tile: RgbaImage, left: number, top: number) => void;
  /** The picture, once all tiles are in. Transparent parts are over white. */
  readonly luma: Luma;
}

/** The size in which a picture of `width` x `height` pixels is hashed. */
export function hashedSize(width: number, height: number): { width: number; height: number } {
  const shrink = Math.max(1, Math.max(width, height) / HASHED_SIDE);
  return {
    width: Math.max(1, roundHalfToEven(width / shrink)),
    height: Math.max(1, roundHalfToEven(height / shrink)),
  };
}

/** Shrinks by area: each pixel counts for as much of a shrunk one as it covers. */
export function createShrinker(width: number, height: number): Shrinker {
  const size = hashedSize(width, height);
  const across = spread(width, size.width);
  const down = spread(height, size.height);
  const levels = new Float32Array(size.width * size.height);

  const add = (tile: RgbaImage, left: number, top: number): void => {
    const sum = new Float64Array(tile.width);
    let row = down.first[top] ?? 0;
    const flush = (): void => {
      addAcross(levels, row * size.width, sum, left, across);
      sum.fill(0);
    };
    for (let y = 0; y < tile.height; y++) {
      const first = down.first[top + y] ?? 0;
      if (first !== row) {
        flush();
        row = first;
      }
      addLuma(sum, tile, y, down.share[top + y] ?? 0);
      const rest = down.rest[top + y] ?? 0;
      if (rest > 0) {
        flush();
        row = first + 1;
        addLuma(sum, tile, y, rest);
      }
    }
    flush();
  };
  return { add, luma: { levels, ...size } };
}

/** For each pixel of a side: which shrunk pixel it begins in, and its share of that and the next. */
interface Spread {
  readonly first: Int32Array;
  readonly share: Float64Array;
  readonly rest: Float64Array;
}

function spread(length: number, shrunk: number): Spread {
  const first = new Int32Array(length);
  const share = new Float64Array(length);
  const rest = new Float64Array(length);
  for (let pixel = 0; pixel < length; pixel++) {
    const begin = (pixel * shrunk) / length;
    const end = ((pixel + 1) * shrunk) / length;
    const cell = Math.floor(begin);
    first[pixel] = cell;
    share[pixel] = Math.min(end, cell + 1) - begin;
    // The last pixel ends with the last cell, whatever rounding says.
    rest[pixel] = cell + 1 < shrunk ? Math.max(0, end - cell - 1) : 0;
  }
  return { first, share, rest };
}

/** Adds a row's brightness, weighted. */
function addLuma(sum: Float64Array, tile: RgbaImage, y: number, weight: number): void {
  const { data, width } = tile;
  const [red, green, blue] = [weight * RED, weight * GREEN, weight * BLUE];
  const white = weight * OPAQUE;
  for (let x = 0, at = 4 * y * width; x < width; x++, at += 4) {
    const level = red * (data[at] ?? 0) + green * (data[at + 1] ?? 0) + blue * (data[at + 2] ?? 0);
    const alpha = data[at + 3] ?? 0;
    sum[x] =
      (sum[x] ?? 0) + (alpha === OPAQUE ? level : white + ((level - white) * alpha) / OPAQUE);
  }
}

function addAcross(
  levels: Float32Array,
  row: number,
  sum: Float64Array,
  left: number,
  across: Spread,
): void {
  const { first, share, rest } = across;
  for (let x = 0; x < sum.length; x++) {
    const level = sum[x] ?? 0;
    const at = row + (first[left + x] ?? 0);
    levels[at] = (levels[at] ?? 0) + level * (share[left + x] ?? 0);
    const more = rest[left + x] ?? 0;
    if (more > 0) levels[at + 1] = (levels[at + 1] ?? 0) + level * more;
  }
}

/** Python's rounding: a half goes to the even number, so that both sides choose the same size. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
