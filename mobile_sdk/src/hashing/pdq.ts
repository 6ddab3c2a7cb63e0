import { allGrids, GRID, uprightGrid } from "./grid.js";
import { checkImage, type RgbaImage } from "./image.js";
import { createShrinker, type Luma } from "./shrink.js";

/**
 * PDQ: 256 bits of what a picture looks like, which survive saving again and resizing.
 *
 * Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019,
 * section "PDQ"; made as the backend makes it, so that both find the same picture.
 */
export interface PdqHash {
  /** 64 hexadecimal digits, lower case. */
  readonly hex: string;
  /** 0 to 100: how much detail the picture has. Below {@link PDQ_MIN_QUALITY} it says nothing. */
  readonly quality: number;
}

/** The eight ways to turn a picture over, in the backend's order. */
export const PDQ_FORMS = [
  "original",
  "rotate90", // counter-clockwise
  "rotate180",
  "rotate270",
  "flip", // top to bottom
  "mirror", // left to right
  "transpose", // about the diagonal from top left
  "transverse", // about the diagonal from top right
] as const;

/** A way to turn a picture over. */
export type PdqForm = (typeof PDQ_FORMS)[number];

/** One picture's hashes, each what the picture turned that way hashes to. */
export interface PdqForms {
  /** In the order of {@link PDQ_FORMS}; 64 hexadecimal digits each. */
  readonly forms: Readonly<Record<PdqForm, string>>;
  /** 0 to 100, the same for all; see {@link PdqHash}. */
  readonly quality: number;
}

/** Two hashes at most so many bits apart show the same thing, if both have the quality. */
export const PDQ_MATCH_DISTANCE = 31;

/** Hashes of less are of flat or blurred pictures and are neither compared nor taken by the backend. */
export const PDQ_MIN_QUALITY = 50;

const WAVES = 16;
const BITS = WAVES * WAVES;
const FULL_SCALE = 255;

/**
 * The hash of a picture of any size; it is shrunk to 512 pixels first, transparent parts over white.
 *
 * Throws {@link HashingError} with `empty` or `invalid_pixels` where sizes and pixels do not fit.
 */
export function pdq(image: RgbaImage): PdqHash {
  const grid = uprightGrid(lumaOf(image));
  return { hex: bits(waves(grid)), quality: quality(grid) };
}

/**
 * The hashes of a picture in all eight forms, so that a copy which somebody turned or mirrored is
 * found. The pixels are gone through once. Throws as {@link pdq}.
 */
export function pdqForms(image: RgbaImage): PdqForms {
  const grids = allGrids(lumaOf(image));
  const upright = waves(grids.upright);
  const mirrored = waves(grids.mirrored);
  const flipped = waves(grids.flipped);
  const rotated = waves(grids.rotated);
  return {
    forms: {
      original: bits(upright),
      rotate90: bits(transposed(mirrored)),
      rotate180: bits(rotated),
      rotate270: bits(transposed(flipped)),
      flip: bits(flipped),
      mirror: bits(mirrored),
      transpose: bits(transposed(upright)),
      transverse: bits(transposed(rotated)),
    },
    quality: quality(grids.upright),
  };
}

/**
 * In how many of 256 bits two hashes differ.
 *
 * Throws RangeError unless both are 64 hexadecimal digits.
 */
export function hammingDistance(one: string, other: string): number {
  const [left, right] = [words(one), words(other)];
  return left.reduce((sum, word, index) => sum + bitCount(word ^ (right[index] ?? 0)), 0);
}

function lumaOf(image: RgbaImage): Luma {
  checkImage(image);
  const shrinker = createShrinker(image.width, image.height);
  shrinker.add(image, 0, 0);
  return shrinker.luma;
}

/** (16, 64): the first waves of the discrete cosine transform, without the constant one. */
const COSINES = Float64Array.from({ length: WAVES * GRID }, (_, index) => {
  const frequency = Math.floor(index / GRID) + 1;
  const place = 2 * (index % GRID) + 1;
  return Math.sqrt(2 / GRID) * Math.cos((Math.PI / 2 / GRID) * frequency * place);
});

/** (16, 16): how strong each wave is, down by across. */
function waves(grid: Float32Array): Float32Array {
  const halfway = new Float64Array(WAVES * GRID);
  for (let wave = 0; wave < WAVES; wave++) {
    for (let row = 0; row < GRID; row++) {
      const cosine = COSINES[wave * GRID + row] ?? 0;
      for (let column = 0; column < GRID; column++) {
        const at = wave * GRID + column;
        halfway[at] = (halfway[at] ?? 0) + cosine * (grid[row * GRID + column] ?? 0);
      }
    }
  }
  const strengths = new Float32Array(BITS);
  for (let down = 0; down < WAVES; down++) {
    for (let across = 0; across < WAVES; across++) {
      let strength = 0;
      for (let column = 0; column < GRID; column++) {
        strength += (halfway[down * GRID + column] ?? 0) * (COSINES[across * GRID + column] ?? 0);
      }
      strengths[down * WAVES + across] = strength;
    }
  }
  return strengths;
}

function transposed(strengths: Float32Array): Float32Array {
  return strengths.map((_, at) => strengths[(at % WAVES) * WAVES + Math.floor(at / WAVES)] ?? 0);
}

/** A bit for each wave: is it stronger than the median one? The last one first. */
function bits(strengths: Float32Array): string {
  const median = strengths.slice().sort()[BITS / 2 - 1] ?? 0;
  let hex = "";
  for (let digit = BITS - 4; digit >= 0; digit -= 4) {
    let value = 0;
    for (let bit = 3; bit >= 0; bit--) {
      value = 2 * value + ((strengths[digit + bit] ?? 0) > median ? 1 : 0);
    }
    hex += value.toString(16);
  }
  return hex;
}

/** Sum of the steps between neighbours in percent of full scale, whole ones only, by 90. */
function quality(grid: Float32Array): number {
  let steps = 0;
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const at = row * GRID + column;
      const level = grid[at] ?? 0;
      if (row + 1 < GRID) steps += wholePercent(level, grid[at + GRID] ?? 0);
      if (column + 1 < GRID) steps += wholePercent(level, grid[at + 1] ?? 0);
    }
  }
  return Math.min(100, Math.floor(steps / 90));
}

/** In single precision like the backend: on a boundary another rounding is another number. */
function wholePercent(one: number, other: number): number {
  const step = Math.abs(Math.fround(one - other));
  return Math.trunc(Math.fround(Math.fround(step * 100) / FULL_SCALE));
}

const HASH = /^[0-9a-f]{64}$/i;

function words(hash: string): readonly number[] {
  if (!HASH.test(hash)) throw new RangeError("a PDQ hash has 64 hexadecimal digits");
  return Array.from({ length: 8 }, (_, word) => parseInt(hash.slice(8 * word, 8 * word + 8), 16));
}

function bitCount(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
