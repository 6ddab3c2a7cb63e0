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

/** Soft patches of colour, boxes and grain: what photographs look like to hashes. */
export function photograph(width: number, height: number, seed: number): RgbaImage {
  const random = seeded(seed);
  const patches = Array.from({ length: 3 * ROWS * COLUMNS }, () => 255 * random());
  const boxes = Array.from({ length: Math.floor(5 * random()) }, () => ({
    left: random() * width,
    top: random() * height,
    right: random() * width,
    bottom: random() * height,
    level: 120 * (random() - 0.5),
  }));
  const patch = (row: number, column: number, channel: number): number =>
    patches[3 * (row * COLUMNS + column) + channel] ?? 0;
  return drawn(width, height, (x, y) => {
    const across = ((x + 0.5) / width) * (COLUMNS - 1);
    const down = ((y + 0.5) / height) * (ROWS - 1);
    const [column, row] = [Math.floor(across), Math.floor(down)];
    const [right, below] = [smooth(across - column), smooth(down - row)];
    let added = 12 * (random() + random() + random() - 1.5);
    for (const box of boxes) {
      if (x > box.left && x < box.right && y > box.top && y < box.bottom) added += box.level;
    }
    const level = (channel: number): number =>
      added +
      (patch(row, column, channel) * (1 - right) + patch(row, column + 1, channel) * right) *
        (1 - below) +
      (patch(row + 1, column, channel) * (1 - right) + patch(row + 1, column + 1, channel) * right) *
        below;
    return [level(0), level(1), level(2)];
  });
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}

/** Which pixel of the upright picture is at a place of the turned one: column, row. */
const SOURCES: Readonly<
  Record<PdqForm, (x: number, y: number, width: number, height: number) => [number, number]>
> = {
  original: (x, y) => [x, y],
  rotate90: (x, y, width) => [width - 1 - y, x],
  rotate180: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  rotate270: (x, y, _width, height) => [y, height - 1 - x],
  flip: (x, y, _width, height) => [x, height - 1 - y],
  mirror: (x, y, width) => [width - 1 - x, y],
  transpose: (x, y) => [y, x],
  transverse: (x, y, width, height) => [width - 1 - y, height - 1 - x],
};

const SIDEWAYS: ReadonlySet<PdqForm> = new Set<PdqForm>([
  "rotate90",
  "rotate270",
  "transpose",
  "transverse",
]);

/** The picture turned over, pixel by pixel. */
export function turned(image: RgbaImage, form: PdqForm): RgbaImage {
  const { width, height, data } = image;
  const sideways = SIDEWAYS.has(form);
  return drawn(sideways ? height : width, sideways ? width : height, (x, y) => {
    const [column, row] = SOURCES[form](x, y, width, height);
    const at = 4 * (row * width + column);
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, data[at + 3] ?? 0];
  });
}
