import type { Luma } from "./shrink.js";

/** Cells along each side of what the waves are measured in. */
export const GRID = 64;

/** A picture in 64 x 64 cells, as it is and turned over. */
export interface Grids {
  readonly upright: Float32Array;
  /** Left to right reversed. */
  readonly mirrored: Float32Array;
  /** Top to bottom reversed. */
  readonly flipped: Float32Array;
  /** Both: upside down. */
  readonly rotated: Float32Array;
}

/** The cells of a picture as it is. */
export function uprightGrid(luma: Luma): Float32Array {
  const across = sampling(luma.width);
  return sampleAcross(sampleDown(luma, sampling(luma.height)), luma.width, across);
}

/**
 * The cells of a picture in four ways. Filter and sampling are not symmetric, so that the cells of
 * the picture turned over are not its cells turned over.
 */
export function allGrids(luma: Luma): Grids {
  const down = sampling(luma.height);
  const across = sampling(luma.width);
  const back = reversed(across, luma.width);
  const upright = sampleDown(luma, down);
  const flipped = sampleDown(luma, reversed(down, luma.height));
  return {
    upright: sampleAcross(upright, luma.width, across),
    mirrored: sampleAcross(upright, luma.width, back),
    flipped: sampleAcross(flipped, luma.width, across),
    rotated: sampleAcross(flipped, luma.width, back),
  };
}

/** A cell's value: a weighted mean of neighbouring pixels, from `begin` on. */
interface Sample {
  readonly begin: number;
  readonly weights: Float64Array;
}

/** Two passes of a box filter as wide as half a cell, then the pixel in the middle of each cell. */
function sampling(length: number): readonly Sample[] {
  const width = Math.floor((length + 2 * GRID - 1) / (2 * GRID));
  const before = Math.floor((width - 1) / 2);
  const after = Math.floor(width / 2) + 1;
  const first = (pixel: number): number => Math.max(0, pixel - before);
  const end = (pixel: number): number => Math.min(length, pixel + after);
  return Array.from({ length: GRID }, (_, cell) => {
    const middle = Math.floor(((cell + 0.5) * length) / GRID);
    const begin = first(first(middle));
    const weights = new Float64Array(end(end(middle) - 1) - begin);
    for (let inner = first(middle); inner < end(middle); inner++) {
      const part = 1 / (end(middle) - first(middle)) / (end(inner) - first(inner));
      for (let pixel = first(inner); pixel < end(inner); pixel++) {
        weights[pixel - begin] = (weights[pixel - begin] ?? 0) + part;
      }
    }
    return { begin, weights };
  });
}

/** The same of the picture reversed. */
function reversed(samples: readonly Sample[], length: number): readonly Sample[] {
  return samples.map(({ begin, weights }) => ({
    begin: length - begin - weights.length,
    weights: weights.slice().reverse(),
  }));
}

function sampleDown(luma: Luma, samples: readonly Sample[]): Float64Array {
  const { levels, width } = luma;
  const sampled = new Float64Array(GRID * width);
  samples.forEach(({ begin, weights }, cell) => {
    const to = cell * width;
    for (let row = 0; row < weights.length; row++) {
      const weight = weights[row] ?? 0;
      const from = (begin + row) * width;
      for (let x = 0; x < width; x++) {
        sampled[to + x] = (sampled[to + x] ?? 0) + weight * (levels[from + x] ?? 0);
      }
    }
  });
  return sampled;
}

function sampleAcross(rows: Float64Array, width: number, samples: readonly Sample[]): Float32Array {
  const grid = new Float32Array(GRID * GRID);
  samples.forEach(({ begin, weights }, cell) => {
    for (let row = 0; row < GRID; row++) {
      const from = row * width + begin;
      let level = 0;
      for (let x = 0; x < weights.length; x++) level += (weights[x] ?? 0) * (rows[from + x] ?? 0);
      grid[row * GRID + cell] = level;
    }
  });
  return grid;
}
