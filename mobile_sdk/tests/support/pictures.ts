/** Pictures made by code, another one each time: the stack remembers what it has seen. */

import { randomInt } from "node:crypto";

import { PNG } from "pngjs";

import { photograph } from "../hashing/pictures.js";

/** The file of a picture that shows nobody and is published. */
export function pngFile(name = "patches.png", width = 320, height = 240): File {
  return new File([pngBytes(width, height)], name, { type: "image/png" });
}

/** Soft patches of colour and grain, as PNG. */
export function pngBytes(
  width = 320,
  height = 240,
  seed = randomInt(2 ** 32),
): Uint8Array<ArrayBuffer> {
  const { data } = photograph(width, height, seed);
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return new Uint8Array(PNG.sync.write(png));
}
