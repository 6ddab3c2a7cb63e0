import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { makeTypes } from "../scripts/make-types.mjs";
import { LIMIT_BYTES, sizeOf } from "../scripts/size.mjs";

const GENERATED = new URL("../src/types/generated/", import.meta.url);

test("the generated types are what contract.json says", async () => {
  const made = await makeTypes();

  expect(Object.keys(made).sort()).toEqual([
    "documents.ts",
    "functions.ts",
    "messages.ts",
    "shapes.ts",
  ]);
  for (const [name, text] of Object.entries(made)) {
    const there = await readFile(new URL(name, GENERATED), "utf8");
    expect(there === text, `${name} is not made from contract.json: run ./dev sdk-types`).toBe(
      true,
    );
  }
});

test("an app loads no more than 30 kB with the client", async () => {
  const { gzipBytes } = await sizeOf("client/index.ts");

  expect(gzipBytes).toBeGreaterThan(5_000);
  expect(gzipBytes).toBeLessThanOrEqual(LIMIT_BYTES);
  expect(LIMIT_BYTES).toBe(30_000);
});
