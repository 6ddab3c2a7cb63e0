import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  hammingDistance,
  HashingError,
  pdq,
  pdqForms,
  PDQ_FORMS,
  PDQ_MIN_QUALITY,
  type RgbaImage,
} from "../../src/hashing/index.js";
import { drawn, photograph, turned } from "./pictures.js";

/** Bits near the median may fall on either side when sums are made in another order. */
const ROUNDING = 2;

const hashes = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 64,
  maxLength: 64,
});
const form = fc.constantFrom(...PDQ_FORMS);

/** A picture with enough in it to be compared. */
const pictures = fc
  .record({
    width: fc.integer({ min: 64, max: 700 }),
    height: fc.integer({ min: 64, max: 700 }),
    seed: fc.nat(),
  })
  .map(({ width, height, seed }) => photograph(width, height, seed));

function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof HashingError ? error.code : error;
  }
  return "taken";
}

describe("a hash", () => {
  it.each([
    [1, 1],
    [5, 3],
    [16, 16],
    [16, 2],
  ])("has the bit of wave %i down, %i across where the picture is that wave", (down, across) => {
    const wave = (sign: number): RgbaImage =>
      drawn(64, 64, (x, y) => {
        const level =
          128 +
          sign *
            100 *
            Math.cos((Math.PI / 64) * down * (y + 0.5)) *
            Math.cos((Math.PI / 64) * across * (x + 0.5));
        return [level, level, level];
      });
    const place = 255 - (16 * (down - 1) + across - 1); // the last wave comes first
    const bit = (hex: string): number =>
      (parseInt(hex[Math.floor(place / 4)] ?? "", 16) >> (3 - (place % 4))) & 1;
    expect(bit(pdq(wave(1)).hex)).toBe(1);
    expect(bit(pdq(wave(-1)).hex)).toBe(0);
  });

  it("is the same for the same picture, in 64 lower-case digits", () => {
    const picture = photograph(300, 200, 1);
    expect(pdq(picture).hex).toMatch(/^[0-9a-f]{64}$/);
    expect(pdq(picture)).toEqual(pdq(picture));
  });

  it("hardly changes where the picture is made smaller or darker", () => {
    const large = photograph(1024, 768, 2);
    const half = drawn(512, 384, (x, y) => {
      const at = 4 * (2 * y * 1024 + 2 * x);
      const mean = (channel: number): number =>
        [at, at + 4, at + 4096, at + 4100].reduce(
          (sum, pixel) => sum + (large.data[pixel + channel] ?? 0) / 4,
          0,
        );
      return [mean(0), mean(1), mean(2)];
    });
    const dark: RgbaImage = {
      ...large,
      data: large.data.map((level, at) => (at % 4 === 3 ? level : level * 0.7)),
    };
    expect(hammingDistance(pdq(large).hex, pdq(half).hex)).toBeLessThanOrEqual(4);
    expect(hammingDistance(pdq(large).hex, pdq(dark).hex)).toBeLessThanOrEqual(8);
  });

  it("is far from that of another picture", () => {
    const all = [1, 2, 3, 4, 5].map((seed) => pdq(photograph(400, 300, seed)).hex);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(0, index))
        expect(hammingDistance(one, other)).toBeGreaterThan(80);
    }
  });

  it("takes transparent parts as lying over white", () => {
    const over =
      (alpha: number) =>
      (x: number, y: number): [number, number, number, number] =>
        x > 100 && x < 200 && y > 50 ? [10, 200, 30, alpha] : [x, y, 90, 255];
    const clear = pdq(drawn(300, 250, over(0)));
    const white = pdq(
      drawn(300, 250, (x, y) => (over(0)(x, y)[3] === 0 ? [255, 255, 255] : [x, y, 90])),
    );
    const half = pdq(drawn(300, 250, over(51)));
    const mixed = pdq(
      drawn(300, 250, (x, y) => (over(0)(x, y)[3] === 0 ? [206, 244, 210] : [x, y, 90])),
    );
    expect(hammingDistance(clear.hex, white.hex)).toBeLessThanOrEqual(ROUNDING);
    expect(hammingDistance(half.hex, mixed.hex)).toBeLessThanOrEqual(ROUNDING);
    expect(clear.quality).toBe(white.quality);
  });

  it("takes bytes in an ordinary array as in a clamped one", () => {
    const { data, width, height } = photograph(120, 90, 3);
    expect(pdq({ data: new Uint8Array(data), width, height })).toEqual(
      pdq({ data, width, height }),
    );
  });
});

describe("quality", () => {
  it.each([0, 127, 255])("is 0 for a picture that is all %i", (level) => {
    expect(pdq(drawn(300, 200, () => [level, level, level])).quality).toBe(0);
  });

  it("is 0 for a picture that is wholly transparent", () => {
    expect(pdq(drawn(64, 64, (x) => [x, 3 * x, 0, 0])).quality).toBe(0);
  });

  it("tells detail from emptiness", () => {
    expect(pdq(photograph(512, 384, 1)).quality).toBe(100);
    const slope = drawn(512, 384, (x, y) => [x / 8, y / 8, 0]);
    expect(pdq(slope).quality).toBeLessThan(PDQ_MIN_QUALITY);
  });
});

describe("the eight forms", () => {
  it("start with the hash of the picture as it is, and come in the backend's order", () => {
    const picture = photograph(320, 240, 4);
    const { forms, quality } = pdqForms(picture);
    expect({ hex: forms.original, quality }).toEqual(pdq(picture));
    expect(Object.keys(forms)).toEqual([...PDQ_FORMS]);
  });

  it("are the hashes of the picture really turned that way", () => {
    fc.assert(
      fc.property(pictures, form, (picture, way) => {
        const really = pdq(turned(picture, way));
        const found = pdqForms(picture);
        expect(hammingDistance(found.forms[way], really.hex)).toBeLessThanOrEqual(ROUNDING);
        expect(Math.abs(found.quality - really.quality)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it("of a turned picture are the same eight in another order", () => {
    const upright = Object.values(pdqForms(photograph(500, 400, 5)).forms);
    for (const way of PDQ_FORMS) {
      const found = Object.values(pdqForms(turned(photograph(500, 400, 5), way)).forms);
      const nearest = found.map((hex) =>
        upright.findIndex((other) => hammingDistance(hex, other) <= ROUNDING),
      );
      expect([...nearest].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it("are far from one another", () => {
    const all = Object.values(pdqForms(photograph(400, 300, 6)).forms);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(0, index))
        expect(hammingDistance(one, other)).toBeGreaterThan(60);
    }
  });
});

describe("hostile input", () => {
  it.each([
    [0, 0],
    [0, 10],
    [10, 0],
  ])("of %i x %i pixels is refused as empty", (width, height) => {
    expect(refusal(() => pdq({ data: new Uint8Array(0), width, height }))).toBe("empty");
    expect(refusal(() => pdqForms({ data: new Uint8Array(0), width, height }))).toBe("empty");
  });

  it.each([
    [NaN, 10],
    [10, NaN],
    [Infinity, 1],
    [-2, -2],
    [2.5, 2],
    [2 ** 53, 2 ** 53],
  ])("of %d x %d pixels is refused", (width, height) => {
    expect(refusal(() => pdq({ data: new Uint8Array(16), width, height }))).toBe("invalid_pixels");
  });

  it.each([0, 1, 399, 401, 300])("with %i bytes for 100 pixels is refused", (length) => {
    const image = { data: new Uint8Array(length), width: 10, height: 10 };
    expect(refusal(() => pdq(image))).toBe("invalid_pixels");
  });

  it("of any size from one pixel on has a hash", () => {
    const sizes = [1, 2, 3, 63, 64, 65, 127, 129, 513, 1000];
    for (const width of sizes) {
      for (const height of [1, 5, 64, 700]) {
        const { forms, quality } = pdqForms(photograph(width, height, width * height));
        for (const hex of Object.values(forms)) expect(hex).toMatch(/^[0-9a-f]{64}$/);
        expect(quality).toBeGreaterThanOrEqual(0);
        expect(quality).toBeLessThanOrEqual(100);
      }
    }
  });

  it("of extreme shape is hashed", () => {
    for (const [width, height] of [
      [30_000, 1],
      [1, 30_000],
    ] as const) {
      expect(pdq(photograph(width, height, 1)).hex).toHaveLength(64);
    }
  });

  it("is never changed", () => {
    const picture = photograph(100, 80, 9);
    const before = picture.data.slice();
    pdqForms(picture);
    expect(picture.data).toEqual(before);
  });
});

describe("distance", () => {
  it("is a metric", () => {
    fc.assert(
      fc.property(hashes, hashes, hashes, (one, other, third) => {
        expect(hammingDistance(one, one)).toBe(0);
        expect(hammingDistance(one, other)).toBe(hammingDistance(other, one));
        expect(hammingDistance(one, third)).toBeLessThanOrEqual(
          hammingDistance(one, other) + hammingDistance(other, third),
        );
      }),
    );
  });

  it("counts the bits that were changed", () => {
    fc.assert(
      fc.property(hashes, fc.uniqueArray(fc.integer({ min: 0, max: 255 })), (hash, places) => {
        const mask = places.reduce((sum, place) => sum | (1n << BigInt(place)), 0n);
        const changed = (BigInt(`0x${hash}`) ^ mask).toString(16).padStart(64, "0");
        expect(hammingDistance(hash, changed)).toBe(places.length);
      }),
    );
  });

  it("reads upper case as lower case", () => {
    expect(hammingDistance("AB".repeat(32), "ab".repeat(32))).toBe(0);
    expect(hammingDistance("f".repeat(64), "0".repeat(64))).toBe(256);
  });

  it.each([
    "",
    "a".repeat(63),
    "a".repeat(65),
    "g".repeat(64),
    ` ${"a".repeat(63)}`,
    `${"a".repeat(64)}\n`,
  ])("is not taken of %j", (hash) => {
    expect(() => hammingDistance(hash, "0".repeat(64))).toThrow(RangeError);
    expect(() => hammingDistance("0".repeat(64), hash)).toThrow(RangeError);
  });
});
