/** Against other PDQ programs and against the backend's own. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";

import {
  hammingDistance,
  pdq,
  pdqForms,
  PDQ_FORMS,
  PDQ_MIN_QUALITY,
  type PdqForms,
  type RgbaImage,
} from "../../src/hashing/index.js";
import { backendHashes, backendMissing, REFERENCE } from "./backend.js";
import { photograph, seeded } from "./pictures.js";

function decoded(file: Uint8Array): RgbaImage {
  return file[0] === 0xff
    ? jpeg.decode(file, { useTArray: true, tolerantDecoding: false })
    : PNG.sync.read(Buffer.from(file));
}

/** Largest distance over the forms of two pictures, and over all pairs. */
function furthest(ours: readonly PdqForms[], theirs: readonly PdqForms[]): number {
  expect(ours).toHaveLength(theirs.length);
  return Math.max(
    ...ours.flatMap(({ forms }, index) =>
      PDQ_FORMS.map((form) => hammingDistance(forms[form], theirs[index]?.forms[form] ?? "")),
    ),
  );
}

describe("hashes made by the reference programs", () => {
  it("are within 10 bits at quality 80 and up", ({ skip }) => {
    const table = join(REFERENCE, "pdq_expected.csv");
    if (!existsSync(table)) skip("the reference pictures (../shared/data) are not here");
    const rows = readFileSync(table, "utf8").trim().split("\n").slice(1);
    const distances: number[] = [];
    let compared = 0;
    for (const row of rows) {
      const [path = "", hex = ""] = row.split(",");
      const file = join(REFERENCE, path.replace(/^pdq\/data\//, ""));
      if (!existsSync(file)) continue;
      const found = pdq(decoded(readFileSync(file)));
      compared++;
      if (found.quality >= 80) distances.push(hammingDistance(found.hex, hex));
    }
    expect(compared).toBeGreaterThanOrEqual(30);
    expect(distances.length).toBeGreaterThanOrEqual(25);
    expect(Math.max(...distances)).toBeLessThanOrEqual(10);
  });
});

describe("hashes made by the backend", () => {
  const sizes = (count: number, seed: number): readonly (readonly [number, number])[] => {
    const random = seeded(seed);
    const side = (): number => Math.round(64 * 12 ** random()); // 64 to 768, small ones as often
    return Array.from({ length: count }, () => [side(), side()] as const);
  };

  it("of 200 generated pictures are within 4 bits in all eight forms", ({ skip }) => {
    if (backendMissing !== undefined) skip(backendMissing);
    const pictures = sizes(200, 1).map(([width, height], seed) => photograph(width, height, seed));
    const ours = pictures.map(pdqForms);
    const theirs = backendHashes(pictures.map((image) => ({ image })));
    const worst = furthest(ours, theirs);
    expect(worst).toBeLessThanOrEqual(4);
    for (const [index, { quality }] of ours.entries()) {
      expect(quality).toBeGreaterThanOrEqual(PDQ_MIN_QUALITY);
      expect(Math.abs(quality - (theirs[index]?.quality ?? NaN))).toBeLessThanOrEqual(1);
    }
  });

  it("of small, long and large pictures are within 4 bits where they have the quality", ({
    skip,
  }) => {
    if (backendMissing !== undefined) skip(backendMissing);
    const shapes = [
      [63, 65],
      [40, 30],
      [20, 500],
      [1500, 60],
      [513, 511],
      [1024, 513],
      [1025, 1023],
      [1900, 1267],
    ] as const;
    const pictures = shapes.map(([width, height], seed) => photograph(width, height, seed));
    const theirs = backendHashes(pictures.map((image) => ({ image })));
    const worst = furthest(pictures.map(pdqForms), theirs);
    expect(worst).toBeLessThanOrEqual(4);
  });

  it("of a 12 megapixel JPEG, opened by each side in its own way, are within 4 bits", ({
    skip,
  }) => {
    if (backendMissing !== undefined) skip(backendMissing);
    const { data, width, height } = photograph(4000, 3000, 12);
    const file = jpeg.encode({ data, width, height }, 90).data;
    const ours = pdqForms(
      jpeg.decode(file, { useTArray: true, maxMemoryUsageInMB: 1024, tolerantDecoding: false }),
    );
    const worst = furthest([ours], backendHashes([{ file }]));
    expect(worst).toBeLessThanOrEqual(4);
  });

  it("of a picture with transparent parts are within 4 bits", ({ skip }) => {
    if (backendMissing !== undefined) skip(backendMissing);
    const { data, width, height } = photograph(700, 500, 3);
    const random = seeded(8);
    const clear = Uint8Array.from(data);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const inside = Math.hypot((pixel % width) - 350, Math.floor(pixel / width) - 250) < 180;
      clear[4 * pixel + 3] = inside ? 255 : Math.floor(120 * random());
    }
    const png = new PNG({ width, height });
    png.data.set(clear);
    const file = PNG.sync.write(png);
    const worst = furthest([pdqForms(decoded(file))], backendHashes([{ file }]));
    expect(worst).toBeLessThanOrEqual(4);
  });
});
