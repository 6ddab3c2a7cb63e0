import { randomBytes } from "node:crypto";

import { describe, expect, it, onTestFinished } from "vitest";

import type { KeyValueStore, FirebasePort } from "../../src/types/port.js";
import type { UploadTask } from "../../src/types/client.js";
import { hasDocument, objectNames, putDocument } from "../support/admin.js";
import { signUp, type Person } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import { portraitFile } from "../support/portrait.js";
import { webApp, type TestApp } from "../support/port.js";
import { proxyFor, type Proxy } from "../support/proxy.js";
import { stack } from "../support/stack.js";
import { deviceFiles, deviceStore, recorded, sentIn, startUploads } from "../support/uploads.js";
import { until } from "../support/wait.js";

const PIECE = 256 * 1024;

/** A picture with so many bytes behind its end: large, and quickly looked at. */
function largeFile(bytes: number): File {
  const picture = pngFile();
  return new File([picture, randomBytes(bytes - picture.size)], "large.png", { type: "image/png" });
}

async function signedIn(
  person?: Person,
  ports: Parameters<typeof webApp>[1] = {},
): Promise<TestApp & { readonly person: Person }> {
  const who = person ?? (await signUp());
  const app = await webApp(who, ports);
  onTestFinished(app.close);
  return { ...app, person: who };
}

async function proxied(): Promise<Proxy> {
  const proxy = await proxyFor(stack().ports.storage);
  onTestFinished(proxy.close);
  return proxy;
}

const hasSent = (task: UploadTask, bytes: number) => (): boolean =>
  (sentIn(task.state()) ?? 0) >= bytes;

describe("an upload", () => {
  it("goes from a file to its publication, and leaves nothing stored", async () => {
    const { port } = await signedIn();
    const [store, files] = [deviceStore(), deviceFiles()];
    const uploads = startUploads(port, { store, files, chunkBytes: PIECE });
    onTestFinished(uploads.close);

    const task = uploads.uploadMedia(largeFile(3 * PIECE + 1));
    const states = recorded(task);
    const outcome = await task.done;

    expect(outcome.outcome).toBe("published");
    expect(states[0]).toEqual({ state: "preparing" });
    expect(states.at(-1)).toEqual({ state: "finished", ...outcome });
    const kinds = states.map(({ state }) => state);
    expect(kinds.filter((kind, at) => kind !== kinds[at - 1])).toEqual([
      "preparing",
      "uploading",
      "scanning",
      "finished",
    ]);
    const sent = states.map(sentIn).filter((bytes) => bytes !== undefined);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    expect(sent.at(-1)).toBe(3 * PIECE + 1);
    await until(() => store.keys().length === 0, "the record is deleted");
    expect(files.bookmarks()).toEqual([]);
    expect(files.openCount()).toBe(0);
    expect(await uploads.unfinishedUploads()).toEqual([]);
  });

  it("of a file that is none ends as refused, with the reason", async () => {
    const { port } = await signedIn();
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const file = new File([randomBytes(5000)], "no-picture.png", { type: "image/png" });
    expect(await uploads.uploadMedia(file).done).toMatchObject({
      outcome: "refused",
      reason: expect.stringMatching(/^[a-z_]+$/),
      text: expect.stringMatching(/\w/),
    });
  });

  it("of a file that is not accepted sends nothing", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const refused: readonly (readonly [File, string])[] = [
      [new File(["%PDF"], "letter.pdf", { type: "application/pdf" }), "file_type"],
      [new File(["<svg/>"], "drawing.svg", { type: "image/svg+xml" }), "file_type"],
      [new File([], "empty.png", { type: "image/png" }), "file_empty"],
      [new File([new Uint8Array(25 * 2 ** 20 + 1)], "big.png", { type: "image/png" }), "file_size"],
    ];
    for (const [file, reason] of refused) {
      const error = { code: "file", reason, retryable: false, userMessage: expect.any(String) };
      await expect(uploads.uploadMedia(file).done).rejects.toMatchObject(error);
    }
    expect(proxy.sentBytes()).toBe(0);
  });

  it("is refused to an account whose uploads are closed, before a byte is sent", async () => {
    const proxy = await proxied();
    const { port, person } = await signedIn(undefined, { storage: proxy.port });
    const end = new Date(Date.now() + 3_600_000);
    await putDocument(`enforcement_records/${person.uid}`, {
      standing: "restricted",
      restrictions: [
        { kind: "uploads", since: new Date(), until: end, caseId: null, provisional: false },
      ],
      updatedAt: new Date(),
    });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const task = uploads.uploadMedia(pngFile());
    await expect(task.done).rejects.toMatchObject({
      code: "upload-refused",
      reason: "uploads_restricted",
      until: end,
      userMessage: expect.stringMatching(/\w/),
    });
    expect(task.state().state).toBe("failed");
    expect(proxy.sentBytes()).toBe(0);
  });

  it("needs somebody who is signed in", async () => {
    const app = await webApp(null);
    onTestFinished(app.close);
    const uploads = startUploads(app.port);
    onTestFinished(uploads.close);
    await expect(uploads.uploadMedia(pngFile()).done).rejects.toMatchObject({
      code: "unauthenticated",
    });
    expect(await uploads.unfinishedUploads()).toEqual([]);
  });

  it("is not sent where the first check says that it would be held", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const preflight = async () => ({ known: true, hashed: true }) as const;
    const uploads = startUploads(port, { preflight });
    onTestFinished(uploads.close);
    await expect(uploads.uploadMedia(pngFile()).done).rejects.toMatchObject({
      code: "upload-refused",
      reason: "would_be_held",
    });
    expect(proxy.sentBytes()).toBe(0);
    const asked = uploads.uploadMedia(pngFile(), { preflight: false });
    expect((await asked.done).outcome).toBe("published");
  });

  it("goes on where the first check cannot be made", async () => {
    const { port } = await signedIn();
    const uploads = startUploads(port, {
      preflight: () => Promise.reject(new Error("no canvas here")),
    });
    onTestFinished(uploads.close);
    expect((await uploads.uploadMedia(pngFile()).done).outcome).toBe("published");
  });

  it("that shows nobody but the uploader is published when they say so", async () => {
    const { port } = await signedIn();
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const alone = uploads.uploadMedia(portraitFile(), { showsOnlyMe: true });
    const silent = uploads.uploadMedia(portraitFile());
    expect((await alone.done).outcome).toBe("published");
    expect(await silent.done).toMatchObject({ outcome: "awaiting-consent", people: 1 });
  });

  it("keeps one piece of a file of 40 MB in memory at a time", async () => {
    const { port } = await signedIn();
    const files = deviceFiles();
    const uploads = startUploads(port, { files, chunkBytes: 2 ** 20 });
    onTestFinished(uploads.close);
    const file = new File([randomBytes(40 * 2 ** 20)], "long.mp4", { type: "video/mp4" });
    const task = uploads.uploadMedia(file);
    const states = recorded(task);
    expect((await task.done).outcome).toBe("refused"); // it is no film
    expect(files.largestRead()).toBe(2 ** 20);
    expect(new Set(states.map(sentIn)).size).toBeGreaterThan(40);
  });
});

describe("what is told of an upload beside its bytes", () => {
  it("is refused before a byte is sent where the rules would refuse it", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const task = uploads.uploadMedia(pngFile(), { transcript: "x".repeat(2001) });
    await expect(task.done).rejects.toMatchObject({ code: "invalid", reason: "transcript" });
    expect(proxy.sentBytes()).toBe(0);
  });
});

describe("a connection that is lost", () => {
  it("is waited for, and what the server has is not sent again", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port, { chunkBytes: PIECE });
    onTestFinished(uploads.close);
    const file = largeFile(8 * PIECE);
    proxy.cutAfter(3.5 * PIECE);
    const task = uploads.uploadMedia(file);
    const states = recorded(task);
    await until(() => task.state().state === "waiting-for-network", "it notices");
    proxy.mend();
    expect((await task.done).outcome).toBe("published");
    const sent = states.map(sentIn).filter((bytes) => bytes !== undefined);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
    expect(sent).toContain(3 * PIECE);
    // once, the broken piece again, and what requests say around it
    expect(proxy.sentBytes()).toBeLessThan(9.5 * PIECE);
  });

  it("before the first byte is waited for as well", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    proxy.cut();
    const task = uploads.uploadMedia(pngFile());
    await until(() => task.state().state === "waiting-for-network", "it notices");
    proxy.mend();
    expect((await task.done).outcome).toBe("published");
  });

  it("with the functions is waited for as well", async () => {
    const proxy = await proxyFor(stack().ports.functions);
    onTestFinished(proxy.close);
    const { port } = await signedIn(undefined, { functions: proxy.port });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    proxy.cut();
    const task = uploads.uploadMedia(pngFile());
    await until(() => task.state().state === "waiting-for-network", "it notices");
    proxy.mend();
    expect((await task.done).outcome).toBe("published");
  });

  it("while the last answer comes makes no second upload", async () => {
    const proxy = await proxied();
    const { port, person } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port, { chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.cutBeforeAnswer(2 * PIECE);
    const task = uploads.uploadMedia(largeFile(2 * PIECE));
    await until(() => task.state().state === "waiting-for-network", "it notices");
    proxy.mend();
    const outcome = await task.done;
    expect(outcome.outcome).toBe("published");
    expect(await hasDocument(`scan_jobs/${outcome.jobId}`)).toBe(true);
    expect(await objectNames(`uploads/${person.uid}/`)).toEqual([]);
  });

  it("that is slow still brings everything, piece by piece", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port, { chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.limit(2 * PIECE);
    const task = uploads.uploadMedia(largeFile(5 * PIECE));
    const states = recorded(task);
    expect((await task.done).outcome).toBe("published");
    const sent = new Set(states.map(sentIn));
    for (let piece = 1; piece <= 5; piece++) expect(sent).toContain(piece * PIECE);
  });

  it("can be given up", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const store = deviceStore();
    const uploads = startUploads(port, { store, chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.cutAfter(1.5 * PIECE);
    const task = uploads.uploadMedia(largeFile(4 * PIECE));
    await until(() => task.state().state === "waiting-for-network", "it notices");
    expect(await task.cancel()).toBe(true);
    expect(task.state()).toEqual({ state: "cancelled" });
    await expect(task.done).rejects.toMatchObject({ code: "cancelled" });
    expect(store.keys()).toEqual([]);
  });
});

describe("a restart of the app", () => {
  /** An upload of eight pieces that ended in the middle, and what the device still has. */
  async function interrupted(pieces = 3) {
    const proxy = await proxied();
    const before = await signedIn(undefined, { storage: proxy.port });
    const [store, files] = [deviceStore(), deviceFiles()];
    const file = largeFile(8 * PIECE);
    const uploads = startUploads(before.port, { store, files, chunkBytes: PIECE });
    const task = uploads.uploadMedia(file);
    proxy.limit(4 * PIECE);
    await until(hasSent(task, pieces * PIECE), "it is in the middle");
    uploads.close();
    proxy.cut();
    expect(task.state().state).toBe("paused");
    await before.close();
    return { person: before.person, store, files, file, uploadId: task.uploadId };
  }

  it("in the middle of an upload sends the rest alone", async () => {
    const { person, store, files, uploadId } = await interrupted();
    const proxy = await proxied();
    const { port } = await signedIn(person, { storage: proxy.port });
    store.rewrite((text) => text.replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${proxy.port}`));
    const uploads = startUploads(port, { store, files, chunkBytes: PIECE });
    onTestFinished(uploads.close);
    const [task, ...others] = await uploads.unfinishedUploads();
    expect(others).toEqual([]);
    expect(task?.uploadId).toBe(uploadId);
    expect((await task?.done)?.outcome).toBe("published");
    expect(proxy.sentBytes()).toBeLessThan(5.5 * PIECE);
    expect(await uploads.unfinishedUploads()).toEqual([]);
    expect(files.bookmarks()).toEqual([]);
  });

  it("goes on in one place only, however often it is asked for", async () => {
    const { person, store, files } = await interrupted();
    store.rewrite((text) =>
      text.replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${stack().ports.storage}`),
    );
    const { port } = await signedIn(person);
    const one = startUploads(port, { store, files, chunkBytes: PIECE });
    const other = startUploads(port, { store, files, chunkBytes: PIECE });
    onTestFinished(one.close);
    onTestFinished(other.close);
    const [first, second, third] = await Promise.all([
      one.unfinishedUploads(),
      one.unfinishedUploads(),
      other.unfinishedUploads(),
    ]);
    expect(first.length + third.length).toBe(1);
    expect(second.every((task) => task === first[0])).toBe(true);
    const task = [...first, ...third][0];
    expect((await task?.done)?.outcome).toBe("published");
  });

  it("finds no upload of the person who used the phone before", async () => {
    const { store, files } = await interrupted();
    const { port } = await signedIn();
    const uploads = startUploads(port, { store, files });
    onTestFinished(uploads.close);
    expect(await uploads.unfinishedUploads()).toEqual([]);
  });

  it.each([
    ["is gone", () => null],
    [
      "has changed",
      (file: File) => new File([file.slice(0, -1), "x"], file.name, { type: file.type }),
    ],
  ])("where the file %s says that it has to be chosen again", async (_, change) => {
    const { person, store, files, file } = await interrupted();
    for (const bookmark of files.bookmarks()) files.replace(bookmark, change(file));
    const { port } = await signedIn(person);
    const uploads = startUploads(port, { store, files });
    onTestFinished(uploads.close);
    const [task] = await uploads.unfinishedUploads();
    await expect(task?.done).rejects.toMatchObject({ code: "session-lost", retryable: false });
    await until(async () => (await uploads.unfinishedUploads()).length === 0, "it is forgotten");
    expect(files.openCount()).toBe(0);
  });

  it("where the session has ended sends the file from its beginning", async () => {
    const { person, store, files } = await interrupted();
    store.rewrite((text) =>
      text
        .replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${stack().ports.storage}`)
        .replaceAll(/upload_id=[^&"]+/g, "upload_id=ended"),
    );
    const { port } = await signedIn(person);
    const uploads = startUploads(port, { store, files, chunkBytes: PIECE });
    onTestFinished(uploads.close);
    const [task] = await uploads.unfinishedUploads();
    expect((await task?.done)?.outcome).toBe("published");
  });

  it("while it is scanned goes on watching", async () => {
    const before = await signedIn();
    const [store, files] = [deviceStore(), deviceFiles()];
    const first = startUploads(before.port, { store, files });
    const started = first.uploadMedia(pngFile());
    await until(() => started.state().state === "scanning", "all bytes are there");
    const scanning = started.state();
    first.close();
    await before.close();

    const { port } = await signedIn(before.person);
    const second = startUploads(port, { store, files });
    onTestFinished(second.close);
    const [task] = await second.unfinishedUploads();
    const outcome = await task?.done;
    expect(outcome).toMatchObject({ outcome: "published" });
    expect(scanning).toMatchObject({ jobId: outcome?.jobId });
  });

  it("after the last byte, before its answer was stored, finds the upload again", async () => {
    const before = await signedIn();
    const [inner, files] = [deviceStore(), deviceFiles()];
    // The system ends the app before the answer is written down.
    const store: KeyValueStore = {
      ...inner,
      setItem: async (key, value) => {
        if (!/"jobId":"/.test(value)) await inner.setItem(key, value);
      },
    };
    const first = startUploads(before.port, { store, files });
    const started = first.uploadMedia(pngFile());
    await until(() => started.state().state === "scanning", "all bytes are there");
    const scanning = started.state();
    first.close();
    await before.close();

    const { port } = await signedIn(before.person);
    const second = startUploads(port, { store: inner, files });
    onTestFinished(second.close);
    const [task] = await second.unfinishedUploads();
    const outcome = await task?.done;
    expect(outcome).toMatchObject({ outcome: "published" });
    expect(scanning).toMatchObject({ jobId: outcome?.jobId });
  });
});

describe("a token", () => {
  it("that is not valid is replaced once, and the upload goes on", async () => {
    const { port } = await signedIn();
    const asked: boolean[] = [];
    const stale: FirebasePort = {
      ...port,
      idToken: async (options) => {
        asked.push(options?.fresh ?? false);
        return options?.fresh || asked.includes(true) ? port.idToken(options) : "stale";
      },
    };
    const uploads = startUploads(stale, { chunkBytes: PIECE });
    onTestFinished(uploads.close);
    expect((await uploads.uploadMedia(largeFile(3 * PIECE)).done).outcome).toBe("published");
    expect(asked.filter((fresh) => fresh)).toHaveLength(1);
  });

  it("that stays invalid ends the upload", async () => {
    const { port } = await signedIn();
    const uploads = startUploads({ ...port, idToken: async () => "stale" });
    onTestFinished(uploads.close);
    await expect(uploads.uploadMedia(pngFile()).done).rejects.toMatchObject({
      code: "forbidden",
      reason: "upload_denied",
    });
  });

  it("of somebody else is never used: the upload ends, and goes on as its owner's", async () => {
    const proxy = await proxied();
    const app = await signedIn(undefined, { storage: proxy.port });
    const [store, files] = [deviceStore(), deviceFiles()];
    const uploads = startUploads(app.port, { store, files, chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.limit(4 * PIECE);
    const task = uploads.uploadMedia(largeFile(6 * PIECE));
    await until(hasSent(task, PIECE), "it is in the middle");
    await app.signIn(await signUp("other"));
    await expect(task.done).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await uploads.unfinishedUploads()).toEqual([]);

    proxy.limit(Number.POSITIVE_INFINITY);
    await app.signIn(app.person);
    const [again] = await uploads.unfinishedUploads();
    expect((await again?.done)?.outcome).toBe("published");
  });
});

describe("the person who uploads", () => {
  it("can pause and go on", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port, { chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.limit(4 * PIECE);
    const task = uploads.uploadMedia(largeFile(6 * PIECE));
    await until(hasSent(task, PIECE), "it is in the middle");
    task.pause();
    task.pause();
    expect(task.state().state).toBe("paused");
    proxy.limit(Number.POSITIVE_INFINITY);
    // The piece on its way arrives; then nothing more is sent until it goes on.
    const other = uploads.uploadMedia(pngFile());
    expect((await other.done).outcome).toBe("published");
    expect(task.state()).toMatchObject({ state: "paused" });
    expect(sentIn(task.state())).toBeLessThan(6 * PIECE);
    task.resume();
    expect(task.state().state).toBe("uploading");
    expect((await task.done).outcome).toBe("published");
  });

  it("can pause before anything was sent", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const task = uploads.uploadMedia(pngFile());
    task.pause();
    await until(() => task.state().state === "paused", "it is paused");
    expect((await uploads.uploadMedia(pngFile()).done).outcome).toBe("published");
    expect(proxy.requests().some((line) => line.includes(task.uploadId))).toBe(false);
    task.resume();
    expect((await task.done).outcome).toBe("published");
  });

  it("can cancel, and nothing is kept anywhere", async () => {
    const proxy = await proxied();
    const { port, person } = await signedIn(undefined, { storage: proxy.port });
    const store = deviceStore();
    const files = deviceFiles();
    const uploads = startUploads(port, { store, files, chunkBytes: PIECE });
    onTestFinished(uploads.close);
    proxy.limit(4 * PIECE);
    const task = uploads.uploadMedia(largeFile(6 * PIECE));
    await until(hasSent(task, PIECE), "it is in the middle");
    let address = "";
    store.rewrite((text) => {
      address = /"session":"([^"]+)"/.exec(text)?.[1] ?? address;
      return text;
    });
    proxy.limit(Number.POSITIVE_INFINITY);
    const answers = await Promise.all([task.cancel(), task.cancel()]);
    expect(answers).toEqual([true, true]);
    await expect(task.done).rejects.toMatchObject({ code: "cancelled" });
    expect(store.keys()).toEqual([]);
    expect(files.bookmarks()).toEqual([]);
    await until(() => files.openCount() === 0, "the file is closed");
    const asked = await fetch(address, {
      method: "POST",
      headers: { "X-Goog-Upload-Command": "query" },
    });
    expect(asked.headers.get("X-Goog-Upload-Status")).toBe("cancelled");
    expect(await objectNames(`uploads/${person.uid}/`)).toEqual([]);
  });

  it("cannot cancel what is being scanned", async () => {
    const { port } = await signedIn();
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const task = uploads.uploadMedia(pngFile());
    await until(() => task.state().state === "scanning", "all bytes are there");
    expect(await task.cancel()).toBe(false);
    expect((await task.done).outcome).toBe("published");
    expect(await task.cancel()).toBe(false);
  });

  it("is told nothing more by an app that was closed, or that does not listen", async () => {
    const proxy = await proxied();
    const { port } = await signedIn(undefined, { storage: proxy.port });
    const uploads = startUploads(port, { chunkBytes: PIECE });
    proxy.limit(4 * PIECE);
    const task = uploads.uploadMedia(largeFile(6 * PIECE));
    const silent: string[] = [];
    const stop = task.subscribe(({ state }) => silent.push(state));
    stop();
    const states = recorded(task);
    await until(hasSent(task, PIECE), "it is in the middle");
    uploads.close();
    const atClosing = states.length;
    proxy.limit(Number.POSITIVE_INFINITY);
    task.resume();
    const { port: other } = await signedIn();
    const later = startUploads(other);
    onTestFinished(later.close);
    expect((await later.uploadMedia(pngFile()).done).outcome).toBe("published");
    expect(states.length).toBe(atClosing);
    expect(states.at(-1)?.state).toBe("paused");
    expect(silent).toEqual(["preparing"]);
  });

  it("gets the surface and the transcript to the scan", async () => {
    const { port, person } = await signedIn();
    const uploads = startUploads(port);
    onTestFinished(uploads.close);
    const options = { surface: "avatar", transcript: "Nothing is said — nothing." } as const;
    const outcome = await uploads.uploadMedia(pngFile("Mëin Bild (1).PNG"), options).done;
    const job = await new Promise<unknown>((resolve, reject) => {
      const end = port.watchDocument(
        `scan_jobs/${outcome.jobId}`,
        (job) => {
          end();
          resolve(job?.fields);
        },
        reject,
      );
    });
    expect(job).toMatchObject({
      surface: "avatar",
      uploaderId: person.uid,
      source: { name: expect.stringMatching(/\/Mein-Bild-1\.PNG$/) },
    });
  });
});
