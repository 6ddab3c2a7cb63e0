/** Against a phone's picture module written with jpeg-js: it opens, shrinks and saves as they do. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import jpeg from "jpeg-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  createExpoDecoder,
  type ExpoContext,
  type ExpoImage,
  type ExpoImageManipulator,
} from "../../src/hashing/expo.js";
import {
  hammingDistance,
  HashingError,
  pdq,
  pdqForms,
  PDQ_FORMS,
  type ImageDecoder,
  type RgbaImage,
} from "../../src/hashing/index.js";
import { jpegOf } from "./files.js";
import { photograph } from "./pictures.js";

let cache = "";
let open = 0;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "cache-"));
  open = 0;
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Looks at the four nearest pixels, as phones do. */
function bilinear(image: RgbaImage, width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  const at = (x: number, y: number, channel: number): number =>
    image.data[4 * (y * image.width + x) + channel] ?? 0;
  for (let y = 0; y < height; y++) {
    const down = Math.max(0, ((y + 0.5) * image.height) / height - 0.5);
    const [top, below] = [Math.floor(down), Math.min(image.height - 1, Math.floor(down) + 1)];
    for (let x = 0; x < width; x++) {
      const across = Math.max(0, ((x + 0.5) * image.width) / width - 0.5);
      const [left, right] = [Math.floor(across), Math.min(image.width - 1, Math.floor(across) + 1)];
      for (let channel = 0; channel < 4; channel++) {
        const upper =
          at(left, top, channel) * (1 - (across % 1)) + at(right, top, channel) * (across % 1);
        const lower =
          at(left, below, channel) * (1 - (across % 1)) + at(right, below, channel) * (across % 1);
        data[4 * (y * width + x) + channel] = upper * (1 - (down % 1)) + lower * (down % 1);
      }
    }
  }
  return { data, width, height };
}

const counted = (): { readonly release: () => void } => {
  open++;
  return { release: () => void open-- };
};

function imageOf(image: RgbaImage): ExpoImage {
  return {
    width: image.width,
    height: image.height,
    saveAsync: async ({ format, compress = 1, base64 } = {}) => {
      if (format !== "jpeg") throw new Error(format);
      const file = jpegOf(image, 100 * compress);
      const uri = join(cache, `${readdirSync(cache).length}-${Math.round(image.width)}.jpg`);
      writeFileSync(uri, file);
      return base64 ? { uri, base64: Buffer.from(file).toString("base64") } : { uri };
    },
    ...counted(),
  };
}

function contextOf(read: () => RgbaImage): ExpoContext {
  let sizes: readonly { width?: number; height?: number }[] = [];
  const context: ExpoContext = {
    resize: (size) => {
      sizes = [...sizes, size];
      return context;
    },
    renderAsync: async () =>
      imageOf(
        sizes.reduce<RgbaImage>(
          (image, { width = image.width, height = image.height }) => bilinear(image, width, height),
          read(),
        ),
      ),
    ...counted(),
  };
  return context;
}

const manipulator: ExpoImageManipulator = {
  manipulate: (uri) =>
    contextOf(() =>
      jpeg.decode(readFileSync(uri.replace("file://", "")), {
        useTArray: true,
        tolerantDecoding: false,
      }),
    ),
};

const decoder = (): ImageDecoder =>
  createExpoDecoder({ manipulator, removeFile: (uri) => rmSync(uri) });

function stored(file: Uint8Array): string {
  const path = join(mkdtempSync(join(cache, "picked-")), "picture.jpg");
  writeFileSync(path, file);
  return `file://${path}`;
}

const copies = (): readonly string[] => readdirSync(cache).filter((name) => name.endsWith(".jpg"));

async function refusal(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => "taken",
    (error: unknown) => (error instanceof HashingError ? error.code : error),
  );
}

describe("the decoder for Expo", () => {
  it.each([
    [300, 200],
    [1000, 1000],
    [1600, 1200],
    [2500, 700],
  ])(
    "of %i x %i pixels gives a picture with the same hashes within 6 bits",
    async (width, height) => {
      const picture = photograph(width, height, width);
      const found = await decoder()({ uri: stored(jpegOf(picture)) });
      expect(Math.max(found.width, found.height)).toBeLessThan(1024);
      expect(Math.max(found.width, found.height)).toBeGreaterThanOrEqual(Math.min(512, width));
      const [ours, theirs] = [pdqForms(found), pdqForms(picture)];
      for (const form of PDQ_FORMS) {
        expect(hammingDistance(ours.forms[form], theirs.forms[form])).toBeLessThanOrEqual(6);
      }
      expect(open).toBe(0);
      expect(copies()).toEqual([]);
    },
  );

  it("leaves nothing open where the picture is damaged", async () => {
    const file = jpegOf(photograph(300, 200, 1)).slice(0, 900);
    expect(await refusal(decoder()({ uri: stored(file) }))).toBe("damaged");
    expect(await refusal(decoder()({ uri: `file://${cache}/none.jpg` }))).toBe("damaged");
    expect(open).toBe(0);
    expect(copies()).toEqual([]);
  });

  it("refuses what the picker says is too large, before it is opened", async () => {
    const uri = `file://${cache}/none.jpg`;
    expect(await refusal(decoder()({ uri, width: 9000, height: 9000 }))).toBe("too_many_pixels");
    expect(await refusal(decoder()({ uri, width: 40_000, height: 1 }))).toBe("too_many_pixels");
    expect(await refusal(decoder()({ uri, width: NaN, height: 10 }))).toBe("too_many_pixels");
    expect(await refusal(decoder()({ uri, width: 0, height: 10 }))).toBe("empty");
  });

  it("refuses what turns out to be too large, and closes it", async () => {
    const small = createExpoDecoder({
      manipulator,
      removeFile: (uri) => rmSync(uri),
      limits: { maxPixels: 50_000 },
    });
    expect(await refusal(small({ uri: stored(jpegOf(photograph(300, 200, 1))) }))).toBe(
      "too_many_pixels",
    );
    expect(open).toBe(0);
    expect(copies()).toEqual([]);
  });

  it.each(["https://example.org/a.jpg", "HTTP://example.org/a.jpg"])(
    "never asks the network for %s",
    async (uri) => {
      expect(await refusal(decoder()({ uri }))).toBe("unsupported_type");
    },
  );

  it("takes no bytes", async () => {
    expect(await refusal(decoder()(new Uint8Array(3)))).toBe("unsupported_type");
    expect(await refusal(decoder()(new Blob(["abc"])))).toBe("unsupported_type");
  });

  it("gives the hash all the same where the copy cannot be removed", async () => {
    const picture = photograph(300, 200, 7);
    const stuck = createExpoDecoder({
      manipulator,
      removeFile: async () => Promise.reject(new Error("in use")),
    });
    const found = await stuck({ uri: stored(jpegOf(picture)) });
    expect(hammingDistance(pdq(found).hex, pdq(picture).hex)).toBeLessThanOrEqual(6);
    expect(copies().map((name) => existsSync(join(cache, name)))).toEqual([true]);
  });

  it.each([
    ["nothing", undefined],
    ["no base64", "%%%"],
    ["no JPEG", "aGVsbG8="],
  ])("refuses a copy that is %s, and removes it", async (_name, base64) => {
    const broken: ExpoImageManipulator = {
      manipulate: () => ({
        ...contextOf(() => photograph(10, 10, 1)),
        renderAsync: async () => ({
          ...imageOf(photograph(10, 10, 1)),
          saveAsync: async () => {
            const uri = join(cache, "broken.jpg");
            writeFileSync(uri, "");
            return base64 === undefined ? { uri } : { uri, base64 };
          },
        }),
      }),
    };
    const run = createExpoDecoder({ manipulator: broken, removeFile: (uri) => rmSync(uri) });
    expect(await refusal(run({ uri: "file:///a.jpg" }))).toBe("damaged");
    expect(copies()).toEqual([]);
    expect(open).toBe(0);
  });
});
