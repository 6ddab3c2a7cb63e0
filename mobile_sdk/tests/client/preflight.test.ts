import { randomBytes, randomInt } from "node:crypto";

import { PNG } from "pngjs";
import { describe, expect, it, onTestFinished } from "vitest";

import { createCall } from "../../src/client/calls.js";
import { createFaults } from "../../src/client/faults.js";
import { createPreflight } from "../../src/client/preflight.js";
import {
  HashingError,
  pdqForms,
  type ImageDecoder,
  type RgbaImage,
} from "../../src/hashing/index.js";
import type { FirebasePort } from "../../src/types/port.js";
import { drawn, photograph, turned } from "../hashing/pictures.js";
import { signUp } from "../support/people.js";
import { pngBytes, pngFile } from "../support/pictures.js";
import { webApp } from "../support/port.js";
import { until } from "../support/wait.js";

/** Opens PNG files without a browser. */
const decode: ImageDecoder = async (source) => {
  if (!(source instanceof Blob)) throw new HashingError("unsupported_type", "no Blob");
  try {
    return PNG.sync.read(Buffer.from(await source.arrayBuffer()));
  } catch {
    throw new HashingError("damaged", "no PNG");
  }
};

async function checked() {
  const app = await webApp(await signUp());
  onTestFinished(app.close);
  const sent: unknown[] = [];
  const port: FirebasePort = {
    ...app.port,
    call: (name, data, options) => {
      sent.push({ name, data });
      return app.port.call(name, data, options);
    },
  };
  const scan = createPreflight({ call: createCall(port, createFaults("en", undefined)), decode });
  return { scan, sent };
}

describe("the check before an upload", () => {
  it("does not know a picture that is new, and sends eight hashes and nothing else", async () => {
    const { scan, sent } = await checked();
    const file = pngFile();
    expect(await scan(file)).toEqual({ known: false, hashed: true });
    const { forms } = pdqForms(await decode(file));
    expect(sent).toEqual([{ name: "check_hashes", data: { hashes: Object.values(forms) } }]);
  });

  it("knows a picture that a bank has, mirrored as well", async () => {
    const moderator = await webApp(await signUp("moderator", { senior_moderator: true }));
    onTestFinished(moderator.close);
    const call = (name: string, data: unknown) =>
      moderator.port.call(name, data, { timeoutMs: 120_000 });
    const picture = photograph(320, 240, randomInt(2 ** 32));
    const { forms, quality } = pdqForms(picture);
    const bankId = `sdk-${randomBytes(6).toString("hex")}`;
    const bank = { bankId, label: "NCII", name: "SDK", source: "tests" };
    await call("create_hash_bank", bank);
    const entry = { algorithm: "pdq", value: forms.original, quality, why: "a test of the SDK" };
    await call("add_bank_hash", { bankId, ...entry });

    const { scan } = await checked();
    const mirrored = pngOf(turned(picture, "mirror"));
    expect(await until(async () => (await scan(mirrored)).known, "the bank acts")).toBe(true);
  });

  it.each([
    ["a film", new File([new Uint8Array(100)], "x.mp4", { type: "video/mp4" })],
    ["a damaged picture", new File([pngBytes().slice(0, 90)], "x.png", { type: "image/png" })],
    ["a picture without detail", flat()],
  ])("of %s says that it was not made, and asks nobody", async (_, file) => {
    const { scan, sent } = await checked();
    expect(await scan(file)).toEqual({ known: false, hashed: false });
    expect(sent).toEqual([]);
  });

  it("rejects where the backend does not answer, and where this program is at fault", async () => {
    const app = await webApp(null);
    onTestFinished(app.close);
    const call = createCall(app.port, createFaults("en", undefined));
    const scan = createPreflight({ call, decode });
    await expect(scan(pngFile())).rejects.toMatchObject({ code: "unauthenticated" });
    const broken = createPreflight({ call, decode: () => Promise.reject(new RangeError("x")) });
    await expect(broken(pngFile())).rejects.toThrow(RangeError);
  });
});

function flat(): File {
  return pngOf(drawn(64, 64, () => [90, 120, 150]));
}

function pngOf({ data, width, height }: RgbaImage): File {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return new File([new Uint8Array(PNG.sync.write(png))], "picture.png", { type: "image/png" });
}
