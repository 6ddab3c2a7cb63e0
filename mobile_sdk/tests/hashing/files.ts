/** Picture files for the tests, written by code. */

import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { crc32 } from "node:zlib";

import type { RgbaImage } from "../../src/hashing/index.js";

export function jpegOf({ data, width, height }: RgbaImage, quality = 92): Uint8Array {
  return new Uint8Array(jpeg.encode({ data, width, height }, quality).data);
}

/** The JPEG with an EXIF block that says how it is to be turned (EXIF 2.32, tag 0x0112). */
export function withOrientation(file: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation];
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff, 0, 0, 0, 0, 0, 0];
  const segment = [0xff, 0xe1, 0, body.length + 2, ...body];
  return Uint8Array.from([...file.subarray(0, 2), ...segment, ...file.subarray(2)]);
}

export function pngOf({ data, width, height }: RgbaImage): Uint8Array {
  const png = new PNG({ width, height });
  png.data.set(data);
  return new Uint8Array(PNG.sync.write(png));
}

/** A PNG of a few bytes that says it is as large as that. */
export function pngClaiming(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return pngWith([chunk("IHDR", header), chunk("IDAT", Buffer.alloc(8)), chunk("IEND", [])]);
}

/** The PNG with a chunk after its header. */
export function withChunk(file: Uint8Array, kind: string, body: readonly number[]): Uint8Array {
  return Buffer.concat([file.subarray(0, 33), chunk(kind, body), file.subarray(33)]);
}

function pngWith(chunks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...chunks]);
}

function chunk(kind: string, body: Uint8Array | readonly number[]): Uint8Array {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), Buffer.from(body)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(named.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A box of an ISO base media file (ISO/IEC 14496-12). */
export function box(kind: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([length, Buffer.from(kind, "latin1"), ...parts]);
}

/** The beginning of a HEIC or AVIF file whose pictures have such sizes. */
export function heifOf(brand: string, sizes: readonly (readonly [number, number])[]): Uint8Array {
  const full = Buffer.alloc(4);
  const properties = sizes.map(([width, height]) => {
    const body = Buffer.alloc(12);
    body.writeUInt32BE(width, 4);
    body.writeUInt32BE(height, 8);
    return box("ispe", body);
  });
  return Buffer.concat([
    box("ftyp", Buffer.from(brand, "latin1"), full, Buffer.from("mif1", "latin1")),
    box("meta", full, box("hdlr", Buffer.alloc(20)), box("iprp", box("ipco", ...properties))),
    box("mdat", Buffer.alloc(16)),
  ]);
}
