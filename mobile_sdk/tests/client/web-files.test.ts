/** Copies of files in a browser's IndexedDB, of which just so much is here as is used. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createMediaIntegrityClient } from "../../src/client/create.js";
import { webFiles } from "../../src/client/files/web.js";
import { lonePort } from "../support/lone-port.js";

const DAY_MS = 86_400_000;
const START = new Date("2030-01-01T00:00:00Z");

/** A request that succeeds in a moment, with each of its results. */
function succeeding(results: readonly unknown[]) {
  const request: { result: unknown; onsuccess: (() => void) | null } = {
    result: undefined,
    onsuccess: null,
  };
  const done = Promise.resolve().then(() => {
    for (const result of results) {
      request.result = result;
      request.onsuccess?.();
    }
  });
  return { request, done };
}

function fakeIndexedDb(values: Map<string, unknown>) {
  const transaction = () => {
    const own: { oncomplete: (() => void) | null } = { oncomplete: null };
    const asked = (results: readonly unknown[]) => {
      const { request, done } = succeeding(results);
      void done.then(() => own.oncomplete?.());
      return request;
    };
    const objectStore = () => ({
      put: (value: unknown, key: string) => asked([values.set(key, value)]),
      get: (key: string) => asked([values.get(key)]),
      delete: (key: string) => asked([values.delete(key)]),
      openCursor: () =>
        asked([
          ...[...values].map(([key, value]) => ({
            value,
            delete: () => values.delete(key),
            continue: () => undefined,
          })),
          null,
        ]),
    });
    return Object.assign(own, { objectStore });
  };
  return { open: () => succeeding([{ transaction, close: () => undefined }]).request };
}

const values = new Map<string, unknown>();

beforeEach(() => {
  values.clear();
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  vi.stubGlobal("indexedDB", fakeIndexedDb(values));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("copies that are older than that are deleted, others stay", async () => {
  const files = webFiles();
  const old = await files.bookmark(new Blob(["old"]));
  vi.setSystemTime(START.getTime() + 5 * DAY_MS);
  const young = await files.bookmark(new File(["young"], "a.png", { lastModified: 0 }));

  await files.forgetOlder?.(new Date(START.getTime() + DAY_MS));

  expect([...values.keys()]).toEqual([young]);
  expect(await files.reopen(old ?? "")).toBeNull();
  expect(await files.reopen(young ?? "")).toMatchObject({ name: "a.png", size: 5 });
});

test("a client begins with deleting copies that nothing waits for any more", async () => {
  await webFiles().bookmark(new Blob(["somebody's, who never came back"]));
  vi.setSystemTime(START.getTime() + 29 * DAY_MS);
  const recent = await webFiles().bookmark(new Blob(["recent"]));
  vi.setSystemTime(START.getTime() + 31 * DAY_MS);

  const client = createMediaIntegrityClient({ firebase: lonePort(async () => null) });
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.close();

  expect([...values.keys()]).toEqual([recent]);
});
