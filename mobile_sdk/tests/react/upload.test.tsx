// @vitest-environment jsdom

import { act } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { useMediaIntegrity, useMediaUpload, useScan } from "../../src/react/index.js";
import { signUp } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import { until } from "../support/wait.js";
import { endWorlds, show, world } from "./support.js";

afterEach(endWorlds);

test("an upload goes from idle to its verdict, and two hooks of its job agree", async () => {
  const on = await world(await signUp());
  const uploading = show(on, () => useMediaUpload());
  expect(uploading.now().upload).toEqual({ state: "idle" });

  const end = await act(() => uploading.now().uploadWithIntegrityCheck(pngFile()));

  expect(end).toMatchObject({ state: "finished", outcome: "published" });
  const { upload } = uploading.now();
  expect(upload).toMatchObject(end);
  if (upload.state !== "finished") throw new Error("it is not finished");
  const one = show(on, () => useScan(upload.jobId));
  const other = show(on, () => useScan(upload.jobId));
  await one.until((scan) => scan.state === "finished", "the scan");
  await other.until((scan) => scan.state === "finished", "the scan");
  expect(one.now()).toBe(other.now());
  expect(one.now()).toMatchObject({ outcome: "published", jobId: upload.jobId });
  expect(on.listeners()).toHaveLength(1);

  one.unmount();
  await act(async () => undefined);
  expect(on.listeners()).toHaveLength(1);
  other.unmount();
  await act(async () => undefined);
  expect(on.listeners()).toEqual([]);

  act(() => uploading.now().reset());
  expect(uploading.now().upload).toEqual({ state: "idle" });
});

test("a second upload is not begun while one is under way", async () => {
  const on = await world(await signUp());
  const uploading = show(on, () => useMediaUpload());
  const first = uploading.now().uploadWithIntegrityCheck(pngFile());
  await uploading.until(({ upload }) => upload.state !== "idle", "the start");

  const second = await act(() => uploading.now().uploadWithIntegrityCheck(pngFile()));

  expect(second).toEqual({ state: "ignored" });
  expect((await first).state).toBe("finished");
  expect(on.calls("begin_upload")).toBe(1);
});

test("an upload is paused, goes on, and is cancelled while it waits", async () => {
  const on = await world(await signUp(), { chunkBytes: 256 * 1024 });
  const uploading = show(on, () => useMediaUpload());
  const end = uploading.now().uploadWithIntegrityCheck(pngFile("large.png", 1600, 1200));
  act(() => uploading.now().pause());
  await uploading.until(({ upload }) => upload.state === "paused", "the pause");
  act(() => uploading.now().resume());
  await uploading.until(({ upload }) => upload.state !== "paused", "going on");
  act(() => uploading.now().pause());
  const paused = await uploading.until(
    ({ upload }) => upload.state === "paused" && upload,
    "the second pause",
  );
  expect(paused.sentBytes).toBeLessThan(paused.totalBytes);

  expect(await act(() => uploading.now().cancel())).toBe(true);

  expect(await end).toEqual({ state: "cancelled" });
  expect(uploading.now().upload.state).toBe("cancelled");
  expect(await act(() => uploading.now().cancel())).toBe(false);
});

test("unmounting in the middle cancels the upload and leaves no listener", async () => {
  const on = await world(await signUp());
  const uploading = show(on, () => useMediaUpload());
  const end = uploading.now().uploadWithIntegrityCheck(pngFile("large.png", 1600, 1200));
  act(() => uploading.now().pause());
  await uploading.until(({ upload }) => upload.state === "paused", "the pause");
  const last = uploading.now();

  uploading.unmount();

  expect(await end).toEqual({ state: "cancelled" });
  expect(await last.uploadWithIntegrityCheck(pngFile())).toEqual({ state: "ignored" });
  await until(() => on.listeners().length === 0, "no listener");
  expect(await on.client.unfinishedUploads()).toEqual([]);
});

test("an upload that is kept goes on without its component, and another takes it up", async () => {
  const on = await world(await signUp());
  const first = show(on, () => useMediaUpload({ onUnmount: "keep" }));
  const end = first.now().uploadWithIntegrityCheck(pngFile("large.png", 1600, 1200));
  act(() => first.now().pause());
  await first.until(({ upload }) => upload.state === "paused", "the pause");
  first.unmount();

  const second = show(on, () => useMediaUpload());
  const [left] = await second.until(
    ({ unfinished }) => unfinished.length === 1 && unfinished,
    "the upload that is left",
  );
  expect(left?.upload.state).toBe("paused");
  const taken = await act(() => second.now().takeUp(left?.uploadId ?? ""));

  expect(taken).toMatchObject({ state: "finished", outcome: "published" });
  expect(await end).toEqual(taken);
  expect(second.now()).toMatchObject({ upload: taken, unfinished: [] });
});

test("another account sees nothing of an upload, and its owner finds it again", async () => {
  const [owner, other] = await Promise.all([signUp(), signUp()]);
  const stored = new Map<string, string>();
  const files = new Map<string, File>();
  const on = await world(owner, {
    store: {
      getItem: async (key) => stored.get(key) ?? null,
      setItem: async (key, value) => void stored.set(key, value),
      removeItem: async (key) => void stored.delete(key),
    },
    files: diskOf(files),
  });
  const uploading = show(on, () => useMediaUpload());
  const end = uploading.now().uploadWithIntegrityCheck(pngFile("large.png", 1600, 1200));
  await uploading.until(({ upload }) => upload.state === "uploading", "the upload");
  act(() => uploading.now().pause());
  await until(() => [...stored.values()].some((text) => text.includes('"bookmark":"')), "a word");

  await act(() => on.app.signIn(other));

  await uploading.until(({ upload }) => upload.state === "idle", "nothing of another's");
  expect((await end).state).toBe("failed");
  await act(() => on.app.signIn(owner));
  const [left] = await uploading.until(
    ({ unfinished }) => unfinished.length === 1 && unfinished,
    "the owner's upload",
  );
  const taken = await act(() => uploading.now().takeUp(left?.uploadId ?? ""));
  expect(taken).toMatchObject({ state: "finished", outcome: "published" });
});

test("who is signed in, the connection and the queue are followed", async () => {
  const person = await signUp();
  const on = await world(null);
  const shown = show(on, () => useMediaIntegrity());
  await shown.until(({ user }) => user.state === "signed-out", "nobody");
  expect(shown.now()).toMatchObject({ online: true, queue: [], language: "en" });

  await act(() => on.app.signIn(person));
  await shown.until(({ user }) => user.state === "signed-in", "somebody");
  expect(shown.now().user).toEqual({ state: "signed-in", userId: person.uid });
  act(() => on.setOnline(false));
  expect(shown.now().online).toBe(false);
});

/** A phone's files: found again by their names. */
function diskOf(files: Map<string, File>) {
  const opened = (file: File) => ({
    size: file.size,
    type: file.type,
    name: file.name,
    read: async (start: number, end: number) => file.slice(start, end),
    close: () => undefined,
  });
  const fileOf = (source: unknown): File => {
    if (!(source instanceof File)) throw new TypeError("only files here");
    return source;
  };
  return {
    open: async (source: unknown) => opened(fileOf(source)),
    bookmark: async (source: unknown) => {
      const file = fileOf(source);
      files.set(file.name, file);
      return file.name;
    },
    reopen: async (bookmark: string) => {
      const file = files.get(bookmark);
      return file === undefined ? null : opened(file);
    },
  };
}
