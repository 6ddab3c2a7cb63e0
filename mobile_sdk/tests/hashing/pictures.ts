/** Pictures for the tests of hashing, made by code from a seed. */

import type { PdqForm, RgbaImage } from "../../src/hashing/index.js";

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An opaque picture whose pixels are given by place. */
export function drawn(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number, number?],
): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha = 255] = colour(x, y);
      data.set([red, green, blue, alpha], 4 * (y * width + x));
    }
  }
  return { data, width, height };
}

const ROWS = 9;
const COLUMNS = 12;

/** Soft patches of colour, boxes and grain: what photographs look like to hashes. Opaque. */
export function photograph(width: number, height: number, seed: number): RgbaImage {
  const random = seeded(seed);
  const patches = Float64Array.from({ length: 3 * ROWS * COLUMNS }, () => 255 * random());
  const boxes = Array.from({ length: Math.floor(5 * random()) }, () => ({
    left: random() * width,
    top: random() * height,
    right: random() * width,
    bottom: random() * height,
    level: 120 * (random() - 0.5),
  }));
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  const line = new Float64Array(3 * COLUMNS);
  for (let y = 0, at = 0; y < height; y++) {
    const down = ((y + 0.5) / height) * (ROWS - 1);
    const row = 3 * COLUMNS * Math.floor(down);
    const below = smooth(down % 1);
    for (let patch = 0; patch < line.length; patch++) {
      const above = patches[row + patch] ?? 0;
      line[patch] = above + below * ((patches[row + 3 * COLUMNS + patch] ?? 0) - above);
    }
    for (let x = 0; x < width; x++, at += 4) {
      const across = ((x + 0.5) / width) * (COLUMNS - 1);
      const left = 3 * Math.floor(across);
      const right = smooth(across % 1);
      let added = 12 * (random() + random() + random() - 1.5);
      for (const box of boxes) {
        if (x > box.left && x < box.right && y > box.top && y < box.bottom) added += box.level;
      }
      for (let channel = 0; channel < 3; channel++) {
        const level = line[left + channel] ?? 0;
        data[at + channel] = added + level + right * ((line[left + 3 + channel] ?? 0) - level);
      }
    }
  }
  return { data, width, height };
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}

/** Which pixel of the upright picture is at a place of the turned one: column and row. */
const SOURCES: Readonly<
  Record<
    PdqForm,
    {
      readonly column: (x: number, y: number, last: number) => number;
      readonly row: (x: number, y: number, last: number) => number;
    }
  >
> = {
  original: { column: (x) => x, row: (_, y) => y },
  rotate90: { column: (_, y, last) => last - y, row: (x) => x },
  rotate180: { column: (x, _, last) => last - x, row: (_, y, last) => last - y },
  rotate270: { column: (_, y) => y, row: (x, _, last) => last - x },
  flip: { column: (x) => x, row: (_, y, last) => last - y },
  mirror: { column: (x, _, last) => last - x, row: (_, y) => y },
  transpose: { column: (_, y) => y, row: (x) => x },
  transverse: { column: (_, y, last) => last - y, row: (x, _, last) => last - x },
};

const SIDEWAYS: ReadonlySet<PdqForm> = new Set<PdqForm>([
  "rotate90",
  "rotate270",
  "transpose",
  "transverse",
]);

/** The picture turned over, pixel by pixel. */
export function turned(image: RgbaImage, form: PdqForm): RgbaImage {
  const sideways = SIDEWAYS.has(form);
  const width = sideways ? image.height : image.width;
  const height = sideways ? image.width : image.height;
  const { column, row } = SOURCES[form];
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = row(x, y, image.height - 1) * image.width + column(x, y, image.width - 1);
      for (let channel = 0; channel < 4; channel++) {
        data[at++] = image.data[4 * from + channel] ?? 0;
      }
    }
  }
  return { data, width, height };
}
