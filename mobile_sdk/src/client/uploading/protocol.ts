/**
 * Cloud Storage's resumable uploads, one request each, as the Firebase JS SDK makes them.
 *
 * The emulator differs: it looks at its rules at the last byte only (Cloud Storage at the start), by
 * the token of the start; it does not look at offsets but appends whatever comes, so that after a
 * failure it has to be asked first how much it has; asked about a finished upload it says so without
 * the object's metadata.
 */

import { MediaIntegrityError } from "../errors.js";

/** What the server answered, or that it did not. */
export type Answer =
  | { readonly kind: "started"; readonly session: string }
  /** The session takes bytes and has so many; null where it did not say. */
  | { readonly kind: "active"; readonly sentBytes: number | null }
  /** The object is there. `generation` null where it did not say. */
  | { readonly kind: "final"; readonly generation: string | null }
  /** There is no such session any more. */
  | { readonly kind: "lost" }
  /** The rules do not allow it, or the object is there already. */
  | { readonly kind: "denied" }
  | { readonly kind: "unauthenticated"; readonly isAppCheck: boolean }
  /** It is too much for the server now. */
  | { readonly kind: "busy"; readonly retryAfterMs: number | null }
  /** No answer came. `isSlow`: not in time. */
  | { readonly kind: "cut"; readonly isSlow: boolean }
  /** It does not understand us. */
  | { readonly kind: "confused" };

/** Throws `cancelled`. Not all phones' JavaScript has `signal.throwIfAborted`. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new MediaIntegrityError("cancelled");
}

/** How requests say who sends them. */
export interface Credentials {
  readonly idToken: string;
  readonly appCheckToken: string | null;
}

export interface ObjectDescription {
  readonly origin: string;
  readonly bucket: string;
  readonly path: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Sizes of pieces are multiples of this, but for the last. */
export const GRANULARITY = 256 * 1024;

const SHORT_MS = 30_000;
/** For a piece: 9 kB a second are enough for one of 1 MiB. */
const LONG_MS = 120_000;

export function start(
  object: ObjectDescription,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  const { origin, bucket, path, contentType, size, metadata } = object;
  const name = encodeURIComponent(path);
  return ask(`${origin}/v0/b/${encodeURIComponent(bucket)}/o?name=${name}`, {
    credentials,
    signal,
    timeoutMs: SHORT_MS,
    headers: {
      "X-Goog-Upload-Protocol": "resumable",
      "X-Goog-Upload-Command": "start",
      "X-Goog-Upload-Header-Content-Length": String(size),
      "X-Goog-Upload-Header-Content-Type": contentType,
      "Content-Type": "application/json; charset=utf-8",
    },
    body: JSON.stringify({ name: path, contentType, metadata }),
  });
}

/** How far a session has come. */
export function query(
  session: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  return command(session, "query", credentials, signal);
}

/** Makes the object of what is there; again: says once more how that went. */
export function finalize(
  session: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  return command(session, "finalize", credentials, signal);
}

/** Gives the session up; what was sent is deleted. */
export function cancel(
  session: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  return command(session, "cancel", credentials, signal);
}

export function send(
  session: string,
  piece: {
    readonly bytes: Blob | Uint8Array<ArrayBuffer>;
    readonly offset: number;
    readonly isLast: boolean;
  },
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  return ask(session, {
    credentials,
    signal,
    timeoutMs: LONG_MS,
    headers: {
      "X-Goog-Upload-Command": piece.isLast ? "upload, finalize" : "upload",
      "X-Goog-Upload-Offset": String(piece.offset),
      "Content-Type": "application/octet-stream",
    },
    body: piece.bytes,
  });
}

function command(
  session: string,
  name: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { "X-Goog-Upload-Command": name };
  return ask(session, { credentials, signal, timeoutMs: SHORT_MS, headers });
}

interface Asked {
  readonly credentials: Credentials;
  /** Once it is aborted this rejects with `cancelled`; it rejects with nothing else. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Blob | Uint8Array<ArrayBuffer>;
}

async function ask(url: string, asked: Asked): Promise<Answer> {
  const { credentials, signal, timeoutMs, headers, body } = asked;
  throwIfStopped(signal);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal.addEventListener("abort", abort);
  let isSlow = false;
  const timer = setTimeout(() => {
    isSlow = true;
    stop.abort();
  }, timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        Authorization: `Firebase ${credentials.idToken}`,
        ...(credentials.appCheckToken === null
          ? {}
          : { "X-Firebase-AppCheck": credentials.appCheckToken }),
      },
      signal: stop.signal,
      ...(body === undefined ? {} : { body }),
    });
    return read(response, await response.text());
  } catch {
    throwIfStopped(signal);
    return { kind: "cut", isSlow };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function read({ status, headers }: Response, text: string): Answer {
  if (status === 401) {
    return { kind: "unauthenticated", isAppCheck: text.includes("App Check") };
  }
  if (status === 403) return { kind: "denied" };
  if (status === 404 || status === 410 || status === 412) return { kind: "lost" };
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: "busy", retryAfterMs: secondsIn(headers.get("Retry-After")) };
  }
  if (status < 200 || status > 299) return { kind: "confused" };
  const session = headers.get("X-Goog-Upload-URL");
  const received = headers.get("X-Goog-Upload-Size-Received");
  switch (headers.get("X-Goog-Upload-Status")) {
    case "active":
      if (session !== null) return { kind: "started", session };
      return { kind: "active", sentBytes: received === null ? null : Number(received) };
    case "final":
      return { kind: "final", generation: generationIn(text) };
    case "cancelled":
      return { kind: "lost" };
    default:
      return { kind: "confused" };
  }
}

function secondsIn(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? 1000 * seconds : null;
}

/** The object's metadata are the body of the last answer. */
function generationIn(text: string): string | null {
  try {
    const found: unknown = JSON.parse(text);
    const isThere = typeof found === "object" && found !== null && "generation" in found;
    const generation = isThere ? String(found.generation) : "";
    return /^\d+$/.test(generation) ? generation : null;
  } catch {
    return null;
  }
}
