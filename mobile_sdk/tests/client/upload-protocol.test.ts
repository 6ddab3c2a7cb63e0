/**
 * What Cloud Storage answers and its emulator never does, over a real connection: a small server
 * that answers as Cloud Storage is documented to, one answer for each request.
 */

import { createServer, type IncomingHttpHeaders } from "node:http";

import { describe, expect, it, onTestFinished } from "vitest";

import { sendFile } from "../../src/client/uploading/send-file.js";
import { transfer, type Transfer } from "../../src/client/uploading/transfer.js";
import type { FirebasePort, OpenFile } from "../../src/types/port.js";
import { objectNames } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { webApp } from "../support/port.js";
import { proxyFor } from "../support/proxy.js";
import { HOST, stack } from "../support/stack.js";
import { CONNECTED } from "../support/uploads.js";

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Asked {
  readonly command: string;
  readonly offset: string | undefined;
  readonly bytes: number;
  readonly headers: IncomingHttpHeaders;
}

const KIB = 1024;
const PIECE = 256 * KIB;

const ACTIVE: Reply = { status: 200, headers: { "X-Goog-Upload-Status": "active" } };
const FINAL: Reply = {
  status: 200,
  headers: { "X-Goog-Upload-Status": "final" },
  body: JSON.stringify({ generation: "1700000000000001" }),
};
const received = (bytes: number): Reply => ({
  status: 200,
  headers: { "X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": String(bytes) },
});

/** Answers in this order; "start" stands for a new session. */
async function serverOf(replies: readonly (Reply | "start")[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.on("end", () => {
      const { headers } = request;
      asked.push({
        command: String(headers["x-goog-upload-command"]),
        offset: headers["x-goog-upload-offset"]?.toString(),
        bytes,
        headers,
      });
      const reply = replies[asked.length - 1] ?? { status: 418 };
      const session = `http://${request.headers.host}/session-${asked.length}`;
      const { status, ...rest } = reply === "start" ? ACTIVE : reply;
      const more = reply === "start" ? { "X-Goog-Upload-URL": session } : {};
      response.writeHead(status, { ...rest.headers, ...more });
      response.end(rest.body ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { origin: `http://${HOST}:${address.port}`, asked };
}

function portAt(storageOrigin: string): FirebasePort & { readonly fresh: () => number } {
  let fresh = 0;
  const never = (): never => {
    throw new Error("not asked for here");
  };
  return {
    projectId: "project",
    bucket: "bucket",
    storageOrigin,
    userId: () => "somebody",
    onUser: () => () => undefined,
    idToken: async (options) => (options?.fresh ? `fresh-${++fresh}` : "token"),
    appCheckToken: async () => "app-token",
    call: never,
    watchDocument: never,
    watchQuery: never,
    createDocument: never,
    updateDocument: never,
    fresh: () => fresh,
  };
}

function fileOf(size: number): OpenFile {
  return {
    size,
    type: "image/png",
    name: "x.png",
    read: async (start, end) => new Uint8Array(end - start),
    close: () => undefined,
  };
}

function run(origin: string, size: number, changes: Partial<Transfer> = {}) {
  const port = portAt(origin);
  const seen: string[] = [];
  const done = transfer({
    port,
    connectivity: CONNECTED,
    userId: "somebody",
    file: fileOf(size),
    path: "uploads/somebody/upload01/x y.png",
    contentType: "image/png",
    metadata: { surface: "feed" },
    pieceBytes: PIECE,
    session: null,
    signal: new AbortController().signal,
    mayGoOn: async () => undefined,
    isThere: async () => false,
    on: {
      session: async (session) => {
        seen.push(session === null ? "session ended" : "session");
      },
      progress: (bytes) => seen.push(String(bytes)),
      restarted: () => seen.push("restarted"),
      cut: () => seen.push("cut"),
      connected: () => undefined,
      finishing: () => seen.push("finishing"),
    },
    ...changes,
  });
  return { done, seen, port };
}

describe("a resumable upload", () => {
  it("sends pieces at their offsets, with both tokens, and learns the generation", async () => {
    const { origin, asked } = await serverOf(["start", ACTIVE, ACTIVE, FINAL]);
    const { done, seen } = run(origin, 2 * PIECE + 5);
    expect(await done).toEqual({ generation: "1700000000000001" });
    expect(asked.map(({ command, offset, bytes }) => [command, offset, bytes])).toEqual([
      ["start", undefined, expect.any(Number)],
      ["upload", "0", PIECE],
      ["upload", String(PIECE), PIECE],
      ["upload, finalize", String(2 * PIECE), 5],
    ]);
    expect(asked[0]?.headers).toMatchObject({
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-header-content-length": String(2 * PIECE + 5),
      "x-goog-upload-header-content-type": "image/png",
    });
    for (const { headers } of asked) {
      expect(headers.authorization).toBe("Firebase token");
      expect(headers["x-firebase-appcheck"]).toBe("app-token");
    }
    expect(seen).toEqual([
      "session",
      String(PIECE),
      String(2 * PIECE),
      "finishing",
      String(2 * PIECE + 5),
    ]);
  });

  it("takes a fresh token once where the old one has run out in the middle", async () => {
    const { origin, asked } = await serverOf([
      "start",
      ACTIVE,
      { status: 401 },
      received(PIECE),
      FINAL,
    ]);
    const { done, port } = run(origin, 2 * PIECE);
    await done;
    expect(port.fresh()).toBe(1);
    expect(asked[3]?.headers.authorization).toBe("Firebase fresh-1");
    expect(asked[4]).toMatchObject({ command: "upload, finalize", offset: String(PIECE) });
  });

  it.each([
    ["", "unauthenticated"],
    ["Firebase App Check token is invalid.", "app-check"],
  ])("that is refused with a fresh token too is given up (%s)", async (body, code) => {
    const { origin, asked } = await serverOf(["start", { status: 401 }, { status: 401, body }]);
    await expect(run(origin, PIECE).done).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(3);
  });

  it.each([404, 410, 412])("starts again where the session answers %i", async (status) => {
    const { origin, asked } = await serverOf(["start", ACTIVE, { status }, "start", ACTIVE, FINAL]);
    const { done, seen } = run(origin, 2 * PIECE);
    await done;
    expect(asked[4]).toMatchObject({ command: "upload", offset: "0" });
    expect(seen).toContain("session ended");
    expect(seen).toContain("restarted");
  });

  it("starts three times again and then is lost", async () => {
    const lost = { status: 410 };
    const { origin, asked } = await serverOf([
      "start",
      lost,
      "start",
      lost,
      "start",
      lost,
      "start",
      lost,
    ]);
    await expect(run(origin, PIECE).done).rejects.toMatchObject({ code: "session-lost" });
    expect(asked).toHaveLength(8);
  });

  it("does not start again what is there already", async () => {
    const { origin, asked } = await serverOf(["start", { status: 404 }]);
    const { done } = run(origin, PIECE, { isThere: async () => true });
    expect(await done).toEqual({ generation: null });
    expect(asked).toHaveLength(2);
  });

  it("asks how much is there after the server was too busy, and sends no more than the rest", async () => {
    const { origin, asked } = await serverOf([
      "start",
      { status: 503, headers: { "Retry-After": "0" } },
      received(PIECE),
      FINAL,
    ]);
    await run(origin, 2 * PIECE).done;
    expect(asked.map(({ command }) => command)).toEqual([
      "start",
      "upload",
      "query",
      "upload, finalize",
    ]);
    expect(asked[3]).toMatchObject({ offset: String(PIECE), bytes: PIECE });
  });

  it("only finishes where all bytes are there", async () => {
    const { origin, asked } = await serverOf([received(PIECE), FINAL]);
    const session = `${origin}/session-0`;
    expect(await run(origin, PIECE, { session }).done).toMatchObject({
      generation: "1700000000000001",
    });
    expect(asked.map(({ command, bytes }) => [command, bytes])).toEqual([
      ["query", 0],
      ["finalize", 0],
    ]);
  });

  it("learns from a finished session what was finished, or that nobody says", async () => {
    const silent = { ...FINAL, body: "OK" };
    const told = await serverOf([FINAL]);
    const session = { session: `${told.origin}/session-0` };
    expect((await run(told.origin, PIECE, session).done).generation).toBe("1700000000000001");

    const untold = await serverOf([silent, silent]);
    const other = { session: `${untold.origin}/session-0` };
    expect((await run(untold.origin, PIECE, other).done).generation).toBeNull();
    expect(untold.asked.map(({ command }) => command)).toEqual(["query", "finalize"]);
  });

  it("does not believe a server that has more bytes than there are", async () => {
    const { origin } = await serverOf([received(9 * PIECE), "start", FINAL]);
    const { done, seen } = run(origin, PIECE, { session: `${origin}/session-0` });
    await done;
    expect(seen).toContain("restarted");
  });

  it("sends nothing of a file that can no longer be read", async () => {
    const { origin, asked } = await serverOf(["start"]);
    const broken = { ...fileOf(PIECE), read: () => Promise.reject(new Error("NotReadableError")) };
    await expect(run(origin, PIECE, { file: broken }).done).rejects.toMatchObject({
      code: "file",
      reason: "file_unreadable",
    });
    const short = { ...fileOf(PIECE), read: async () => new Uint8Array(3) };
    const again = await serverOf(["start"]);
    await expect(run(again.origin, PIECE, { file: short }).done).rejects.toMatchObject({
      code: "file",
    });
    expect([...asked, ...again.asked].map(({ command }) => command)).toEqual(["start", "start"]);
  });

  it("ends where it is stopped, whatever it waits for", async () => {
    const { origin } = await serverOf([{ status: 503, headers: { "Retry-After": "3600" } }]);
    const controller = new AbortController();
    const stopped = run(origin, PIECE, { signal: controller.signal });
    controller.abort();
    await expect(stopped.done).rejects.toMatchObject({ code: "cancelled" });
  });

  it("is never sent as somebody else", async () => {
    const { origin, asked } = await serverOf([]);
    await expect(run(origin, PIECE, { userId: "another" }).done).rejects.toMatchObject({
      code: "unauthenticated",
    });
    expect(asked).toEqual([]);
  });
});

describe("a file that goes with an appeal or a report", () => {
  it("does not wait for a connection", async () => {
    const proxy = await proxyFor(stack().ports.storage);
    onTestFinished(proxy.close);
    proxy.cut();
    const nobody = portAt(`http://${HOST}:${proxy.port}`);
    const file = {
      file: fileOf(10),
      path: "reports/somebody/draft001/x.png",
      contentType: "image/png",
    };
    await expect(sendFile(nobody, CONNECTED, file)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
    const offline = { ...CONNECTED, online: () => false };
    await expect(sendFile(nobody, offline, file)).rejects.toMatchObject({ code: "offline" });
  });

  it("is there once, however often it is sent, and its owner can read it", async () => {
    const person = await signUp();
    const app = await webApp(person);
    onTestFinished(app.close);
    const bytes = new TextEncoder().encode("What I know of it.");
    const file = { ...fileOf(bytes.length), read: async () => new Uint8Array(bytes) };
    const path = `reports/${person.uid}/draft-0001/letter.txt`;
    const sent = { file, path, contentType: "text/plain" };
    await sendFile(app.port, CONNECTED, sent);
    await sendFile(app.port, CONNECTED, sent);
    expect(await objectNames(`reports/${person.uid}/`)).toEqual([path]);
  });

  it("is refused where the rules do not allow it", async () => {
    const app = await webApp(await signUp());
    onTestFinished(app.close);
    const path = `reports/somebody-else/draft-0001/letter.txt`;
    const sent = { file: fileOf(10), path, contentType: "text/plain" };
    await expect(sendFile(app.port, CONNECTED, sent)).rejects.toMatchObject({ code: "forbidden" });
  });
});
