import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { pictureHeader, pictureType } from "../../src/hashing/header.js";
import { box, heifOf, jpegOf, pngClaiming, pngOf, withOrientation } from "./files.js";
import { photograph } from "./pictures.js";

const bytes = (text: string, rest: readonly number[] = []): Uint8Array =>
  Uint8Array.from([...Buffer.from(text, "latin1"), ...rest]);

const webp = (chunk: string, body: readonly number[]): Uint8Array =>
  bytes(`RIFF\0\0\0\0WEBP${chunk}`, [0, 0, 0, 0, ...body, ...Array<number>(20).fill(0)]);

const picture = photograph(70, 50, 1);

const KNOWN: readonly (readonly [string, string, Uint8Array, number, number])[] = [
  ["a JPEG", "image/jpeg", jpegOf(picture), 70, 50],
  ["a JPEG with EXIF before", "image/jpeg", withOrientation(jpegOf(picture), 6), 70, 50],
  ["a PNG", "image/png", pngOf(picture), 70, 50],
  ["a PNG that claims to be huge", "image/png", pngClaiming(60_000, 50_000), 60_000, 50_000],
  ["a GIF", "image/gif", bytes("GIF89a", [0x2c, 1, 0xc8, 0, 0, 0, 0]), 300, 200],
  ["a WebP, extended", "image/webp", webp("VP8X", [0, 0, 0, 0, 0x2b, 1, 0, 0xc7, 0, 0]), 300, 200],
  [
    "a WebP, lossy",
    "image/webp",
    webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 0x2c, 1, 0xc8, 0]),
    300,
    200,
  ],
  ["a WebP, lossless", "image/webp", webp("VP8L", [0x2f, 0x2b, 0xc1, 0x31, 0]), 300, 200],
  [
    "a HEIC in tiles",
    "image/heic",
    heifOf("heic", [
      [512, 512],
      [4032, 3024],
      [320, 240],
    ]),
    4032,
    3024,
  ],
  ["an AVIF", "image/avif", heifOf("avif", [[640, 480]]), 640, 480],
];

describe("the header", () => {
  it.each(KNOWN)("of %s tells type and size", (_name, type, file, width, height) => {
    expect(pictureType(file)).toBe(type);
    expect(pictureHeader(file)).toEqual({ type, width, height });
  });

  it.each(KNOWN)(
    "of %s cut off anywhere gives no wrong size",
    (_name, type, file, width, height) => {
      for (let length = 0; length < Math.min(file.length, 2000); length++) {
        const found = pictureHeader(file.slice(0, length));
        if (found === undefined) continue;
        expect(found.type).toBe(type);
        if ("width" in found && type !== "image/heic")
          expect(found).toEqual({ type, width, height });
      }
    },
  );

  it.each([
    ["nothing", ""],
    ["a text", "hello, this is a text and no picture"],
    ["SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ["PDF", "%PDF-1.7 and so on and so on"],
    ["a sound file", "RIFF\0\0\0\0WAVEfmt and so on and on"],
    ["a film", "\0\0\0\x18ftypisom\0\0\0\0avifmp42"],
  ])("of %s is none", (_name, text) => {
    expect(pictureHeader(bytes(text))).toBeUndefined();
  });

  it("is read of any bytes without a fault", () => {
    const starts = KNOWN.map(([, , file]) => file.slice(0, 64));
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.nat(64),
        fc.uint8Array({ maxLength: 400 }),
        (start, kept, rest) => {
          const found = pictureHeader(Uint8Array.from([...start.subarray(0, kept), ...rest]));
          if (found !== undefined && "width" in found) {
            expect(found.width).toBeGreaterThanOrEqual(0);
            expect(found.height).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("of boxes within boxes without end is read", () => {
    const full = Buffer.alloc(4);
    let nested: Uint8Array = Buffer.alloc(0);
    for (let depth = 0; depth < 5000; depth++) nested = box("meta", full, nested);
    expect(pictureHeader(Buffer.concat([heifOf("heic", []), nested]))).toEqual({
      type: "image/heic",
    });
  });
});
