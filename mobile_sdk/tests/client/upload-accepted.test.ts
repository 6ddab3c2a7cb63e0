import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { accepted, MAX_BYTES, safeName } from "../../src/client/uploading/accepted.js";

const RULES = readFileSync(resolve(import.meta.dirname, "../../../storage.rules"), "utf8");
const QUARANTINE = RULES.slice(RULES.indexOf("match /uploads/"), RULES.indexOf("match /media/"));

/** What storage.rules say of each kind: types, and megabytes. */
const RULED = [...QUARANTINE.matchAll(/hasType\('(\w+)\/\(([^)]+)\)'\) && hasSize\((\d+)\)/g)].map(
  ([, kind = "", types = "", megabytes = ""]) => ({
    kind,
    types: types.split("|").map((type) => `${kind}/${type}`),
    bytes: Number(megabytes) * 2 ** 20,
  }),
);

const file = (name: string, type: string, size = 10) => ({ name, type, size });

describe("files that are accepted", () => {
  it("are those that the storage rules accept, to the byte", () => {
    expect(RULED.map(({ kind }) => kind).sort()).toEqual(Object.keys(MAX_BYTES).sort());
    for (const { kind, types, bytes } of RULED) {
      for (const type of types) {
        expect(accepted(file("x", type, bytes))).toMatchObject({ contentType: type, kind });
        expect(() => accepted(file("x", type, bytes + 1))).toThrow("file_size");
      }
    }
  });

  it.each([
    ["voice.webm", "audio/webm;codecs=opus", "audio/webm"],
    ["photo.JPG", "", "image/jpeg"],
    ["photo.heic", "application/octet-stream", "image/heic"],
    ["film.MOV", "", "video/quicktime"],
    ["photo", "IMAGE/JPG", "image/jpeg"],
    ["song.bin", "audio/mp3", "audio/mpeg"],
  ])("%s of type '%s' is %s", (name, type, contentType) => {
    expect(accepted(file(name, type)).contentType).toBe(contentType);
  });

  it.each([
    ["drawing.svg", "image/svg+xml"],
    ["photo.jpg", "application/pdf"],
    ["photo.jpg.exe", ""],
    ["jpg", ""],
    ["constructor", "constructor"],
  ])("%s of type '%s' is not one of them", (name, type) => {
    expect(() => accepted(file(name, type))).toThrow("file_type");
  });

  it("are not empty", () => {
    expect(() => accepted(file("x.png", "image/png", 0))).toThrow("file_empty");
    expect(() => accepted(file("x.png", "image/png", Number.NaN))).toThrow("file_empty");
  });

  it("get a name that the rules take, whatever theirs was", () => {
    const pattern = /isPlainName\(name\) \{\s*return name\.matches\('([^']+)'\)/.exec(RULES)?.[1];
    const plain = new RegExp(`^${pattern}$`);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 150 }), (name) => {
        expect(safeName(name, "jpg")).toMatch(plain);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["Zoë à la plage.jpeg", "Zoe-a-la-plage.jpeg"],
    ["../../etc/passwd", "passwd.jpg"],
    ["C:\\Pictures\\me (2).PNG", "me-2.PNG"],
    ["صورة.png", "file.png"],
    ["", "file.jpg"],
    [".hidden", "hidden.jpg"],
    [`${"a".repeat(300)}.webp`, `${"a".repeat(115)}.webp`],
  ])("%s becomes %s", (name, safe) => {
    expect(safeName(name, "jpg")).toBe(safe);
  });
});
