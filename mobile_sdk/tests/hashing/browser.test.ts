/** Decoding in headless Chromium, against what the backend makes of the same files. */

import { existsSync } from "node:fs";

import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { bundle } from "../../bench/bundle.mjs";
import { hammingDistance, pdq, PDQ_FORMS, type PdqForms } from "../../src/hashing/index.js";
import { backendHashes, backendMissing } from "./backend.js";
import { heifOf, jpegOf, pngClaiming, pngOf, withChunk, withOrientation } from "./files.js";
import { drawn, photograph } from "./pictures.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const missing = existsSync(CHROMIUM) ? undefined : "Chromium is not here (set CHROMIUM)";

/** What is asked of the page; text, because it runs there. */
const HASHED = `
  async ({ text, limits, how }) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const blob = new Blob([bytes]);
    const source = { bytes: () => bytes, blob: () => blob, uri: () => ({ uri: URL.createObjectURL(blob) }) }[how]();
    try {
      const image = await hashing.decodeForHashing(source, { limits });
      return { ...hashing.pdqForms(image), width: image.width, height: image.height };
    } catch (error) {
      if (error instanceof hashing.HashingError) return { code: error.code, words: error.userMessage };
      throw error;
    }
  }
`;

type Answer = PdqForms & { readonly width: number; readonly height: number };
type Refusal = { readonly code: string; readonly words: string };

let code = "";
let browser: Browser | undefined;
let page: Page;
let requests: string[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  code = await bundle(`export * from "/src/hashing/index.ts";`);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});
afterAll(async () => browser?.close());

beforeEach(async ({ skip }) => {
  if (missing !== undefined) skip(missing);
  if (browser === undefined) throw new Error("no browser");
  page = await browser.newPage();
  requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.evaluate(`(async () => {
    const address = URL.createObjectURL(new Blob([${JSON.stringify(code)}], { type: "text/javascript" }));
    globalThis.hashing = await import(address);
  })()`);
});
afterEach(async () => {
  if (missing === undefined) await page.close();
});

async function ask(
  file: Uint8Array,
  { how = "blob", limits = {} }: { how?: "blob" | "bytes" | "uri"; limits?: object } = {},
): Promise<Answer | Refusal> {
  const asked = { text: Buffer.from(file).toString("base64"), limits, how };
  return page.evaluate(`(${HASHED})(${JSON.stringify(asked)})`);
}

async function hashed(file: Uint8Array, options?: Parameters<typeof ask>[1]): Promise<Answer> {
  const answer = await ask(file, options);
  if ("code" in answer) throw new Error(answer.code);
  return answer;
}

async function refused(file: Uint8Array, options?: Parameters<typeof ask>[1]): Promise<string> {
  const answer = await ask(file, options);
  if (!("code" in answer)) return "taken";
  expect(answer.words).toMatch(/\.$/);
  return answer.code;
}

function furthest(ours: PdqForms, theirs: PdqForms | undefined): number {
  return Math.max(
    ...PDQ_FORMS.map((form) => hammingDistance(ours.forms[form], theirs?.forms[form] ?? "")),
  );
}

const picture = photograph(640, 480, 21);
const clear = drawn(500, 400, (x, y) => {
  const at = 4 * (y * 640 + x);
  const level = (channel: number): number => picture.data[at + channel] ?? 0;
  return [level(0), level(1), level(2), Math.hypot(x - 200, y - 180) < 150 ? 255 : x % 90];
});

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["a PNG", pngOf(picture)],
  ["a small PNG", pngOf(photograph(65, 90, 22))],
  ["a JPEG", jpegOf(picture)],
  ["a PNG with transparent parts", pngOf(clear)],
  ["a PNG with a gamma of its own", withChunk(pngOf(picture), "gAMA", [0, 0, 0x9c, 0x40])],
  ["a long PNG", pngOf(photograph(2500, 300, 23))],
  ["a JPEG of 7 megapixels", jpegOf(photograph(3100, 2300, 24))],
  ...[2, 3, 4, 5, 6, 7, 8].map(
    (turn) => [`a JPEG to be turned (${turn})`, withOrientation(jpegOf(picture), turn)] as const,
  ),
];

/** With a kind of colours that there is not. */
const brokenPng = pngOf(photograph(90, 60, 25)).with(25, 9);

describe("decoding in the browser", () => {
  let backend: readonly PdqForms[] = [];
  beforeAll(() => {
    if (missing !== undefined || backendMissing !== undefined) return;
    backend = backendHashes(FILES.map(([, file]) => ({ file })));
  });

  it.each(FILES)("gives %s hashes within 4 bits of the backend's", async (name, file) => {
    const found = await hashed(file);
    if (backendMissing === undefined) {
      const theirs = backend[FILES.findIndex(([other]) => other === name)];
      expect(furthest(found, theirs)).toBeLessThanOrEqual(4);
    }
    expect(Math.max(found.width, found.height)).toBeLessThanOrEqual(512);
    expect(found.quality).toBeGreaterThanOrEqual(80);
  });

  it("takes a Blob, bytes and an address alike, and asks nothing of the network", async () => {
    const file = jpegOf(picture);
    const [one, ...others] = [
      await hashed(file, { how: "blob" }),
      await hashed(file, { how: "bytes" }),
      await hashed(file, { how: "uri" }),
    ];
    for (const other of others) expect(other).toEqual(one);
    expect(hammingDistance(one?.forms.original ?? "", pdq(picture).hex)).toBeLessThanOrEqual(8);
    expect(requests.filter((url) => !url.startsWith("blob:"))).toEqual([]);
  });

  it("refuses addresses elsewhere without asking them", async () => {
    const codes = await page.evaluate(`Promise.all(
      ["https://example.org/a.png", "http://localhost/a.png", "//example.org/a.png", "a.png", "file:///a.png"]
        .map((uri) => hashing.decodeForHashing({ uri }).then(() => "taken", (error) => error.code)),
    )`);
    expect(codes).toEqual(Array(5).fill("unsupported_type"));
    expect(requests.filter((url) => !url.startsWith("blob:"))).toEqual([]);
  });

  it("refuses an address that holds nothing any more", async () => {
    const code = await page.evaluate(`(() => {
      const uri = URL.createObjectURL(new Blob(["abc"]));
      URL.revokeObjectURL(uri);
      return hashing.decodeForHashing({ uri }).then(() => "taken", (error) => error.code);
    })()`);
    expect(code).toBe("damaged");
  });

  it.each([
    ["an empty file", new Uint8Array(0), "empty"],
    ["a text", new TextEncoder().encode("no picture at all"), "unsupported_type"],
    [
      "SVG",
      new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"),
      "unsupported_type",
    ],
    ["a HEIC that this browser does not open", heifOf("heic", [[64, 64]]), "unsupported_type"],
    ["a PNG whose header is wrong", brokenPng, "damaged"],
    ["a PNG that claims no size", pngClaiming(0, 40), "empty"],
    ["a PNG that would unpack to 3 gigapixels", pngClaiming(60_000, 50_000), "too_many_pixels"],
    ["a JPEG cut off in its header", jpegOf(picture).slice(0, 300), "damaged"],
    ["bytes that only begin like a JPEG", Uint8Array.from([255, 216, 255, 1, 2, 3]), "damaged"],
  ])("refuses %s", async (_name, file, why) => {
    expect(await refused(file)).toBe(why);
  });

  it("gives a file that holds no pixels the quality of an empty picture", async () => {
    expect(await hashed(pngClaiming(40, 40))).toMatchObject({ quality: 0 });
  });

  it("keeps the caps that it is given", async () => {
    const file = pngOf(photograph(100, 80, 1));
    expect(await refused(file, { limits: { maxBytes: file.length - 1 } })).toBe("too_large");
    expect(await refused(file, { limits: { maxPixels: 7999 } })).toBe("too_many_pixels");
    expect(await refused(file, { limits: { maxSide: 99 } })).toBe("too_many_pixels");
    expect(
      await refused(file, { limits: { maxBytes: file.length, maxPixels: 8000, maxSide: 100 } }),
    ).toBe("taken");
  });

  it("gives up when it is told to", async () => {
    const name = await page.evaluate(`(() => {
      const stop = new AbortController();
      const blob = new Blob([Uint8Array.from(atob("${Buffer.from(jpegOf(picture)).toString("base64")}"), (c) => c.charCodeAt(0))]);
      const run = hashing.decodeForHashing(blob, { signal: stop.signal });
      stop.abort();
      return run.then(() => "taken", (error) => error.name);
    })()`);
    expect(name).toBe("AbortError");
  });

  it("refuses rather than hash made-up pixels", async () => {
    await page.evaluate(`OffscreenCanvasRenderingContext2D.prototype.getImageData =
      (x, y, width, height) => new ImageData(width, height)`);
    expect(await refused(pngOf(picture))).toBe("unreadable");
  });

  it("bears pixels changed by a level or two against tracking", async () => {
    await page.evaluate(`(() => {
      const real = OffscreenCanvasRenderingContext2D.prototype.getImageData;
      OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...where) {
        const read = real.apply(this, where);
        read.data.forEach((level, at) => { if (at % 7 === 0 && at % 4 !== 3) read.data[at] = level ^ 1; });
        return read;
      };
    })()`);
    const found = await hashed(pngOf(picture));
    expect(hammingDistance(found.forms.original, pdq(picture).hex)).toBeLessThanOrEqual(4);
  });

  it.each([
    ["createImageBitmap", "delete globalThis.createImageBitmap"],
    [
      "its options",
      "globalThis.createImageBitmap = async () => { throw new TypeError('options') }",
    ],
    ["OffscreenCanvas", "delete globalThis.OffscreenCanvas"],
    ["both", "delete globalThis.createImageBitmap; delete globalThis.OffscreenCanvas"],
  ])("does without %s", async (_name, change) => {
    await page.evaluate(change);
    const found = await hashed(withOrientation(jpegOf(picture), 6));
    expect(found.width).toBeLessThan(found.height);
    const forms = await page.evaluate(`Promise.resolve(typeof OffscreenCanvas)`);
    expect(forms).toBe(/OffscreenCanvas/.test(change) ? "undefined" : "function");
    // Orientation 6 is shown turned by a quarter clockwise: what is stored is its form rotate90.
    expect(hammingDistance(found.forms.rotate90, pdq(picture).hex)).toBeLessThanOrEqual(8);
    expect(await refused(brokenPng)).toBe("damaged");
    expect(await refused(heifOf("heic", [[64, 64]]))).toBe("unsupported_type");
  });
});
