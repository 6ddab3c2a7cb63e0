/** Brings one file into the bucket, whatever happens to the network on the way. */

import type { Connectivity, FirebasePort, OpenFile } from "../../types/port.js";
import { asMediaIntegrityError, MediaIntegrityError } from "../errors.js";
import { backoffMs, pause } from "./patience.js";
import {
  finalize,
  GRANULARITY,
  query,
  send,
  start,
  throwIfStopped,
  type Answer,
  type Credentials,
} from "./protocol.js";

export interface Transfer {
  readonly port: FirebasePort;
  readonly connectivity: Connectivity;
  /** Whose upload it is: nothing is sent as anybody else. */
  readonly userId: string;
  readonly file: OpenFile;
  readonly path: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In one request; is rounded to a multiple of 256 KiB. */
  readonly pieceBytes: number;
  /** To go on with; null: a new one. */
  readonly session: string | null;
  readonly signal: AbortSignal;
  /** Resolves as soon as the next request may be made. */
  readonly mayGoOn: () => Promise<void>;
  /**
   * Whether the object is there already, as far as the database knows. Asked before a file is sent
   * again from the start, so that nothing is sent twice.
   */
  readonly isThere: () => Promise<boolean>;
  readonly on: {
    /** A session to be stored, null where the last one ended. */
    readonly session: (session: string | null) => Promise<void>;
    readonly progress: (sentBytes: number) => void;
    readonly restarted: () => void;
    readonly cut: () => void;
    readonly connected: () => void;
    /** From here on it may be finished at any time. */
    readonly finishing: () => void;
  };
}

/** `generation`: null where the object is there and nobody says which one. */
export interface Stored {
  readonly generation: string | null;
}

/** In a row, without any progress; lost connections do not count. */
const MOST_FAILURES = 8;
/** From the first byte again, before the upload is given up. */
const MOST_RESTARTS = 3;

/**
 * Rejects with {@link MediaIntegrityError}: `unauthenticated`, `app-check`, `forbidden`, `file` (not
 * readable any more), `unavailable`, `session-lost`, `internal`; `cancelled` by the signal. A lost
 * connection is waited for.
 */
export async function transfer(job: Transfer): Promise<Stored> {
  const { file, signal, on } = job;
  let session = job.session;
  /** Null: the server has to be asked. */
  let offset: number | null = null;
  let pieceBytes = Math.max(1, Math.floor(job.pieceBytes / GRANULARITY)) * GRANULARITY;
  let failures = 0;
  let restarts = 0;
  /** The next request takes fresh tokens. */
  let wantsFresh = false;
  /** It did, and nothing has come of it yet. */
  let isFresh = false;
  let isDenied = false;
  let isFinal = false;

  const restart = async (): Promise<boolean> => {
    if (await job.isThere()) return true;
    if (++restarts > MOST_RESTARTS) throw new MediaIntegrityError("session-lost");
    [session, offset, isFinal] = [null, null, false];
    await on.session(null);
    on.restarted();
    return false;
  };

  const next = async (): Promise<Answer> => {
    const credentials = await credentialsOf(job, wantsFresh);
    if ("kind" in credentials) return credentials;
    if (wantsFresh) [wantsFresh, isFresh] = [false, true];
    if (session === null) {
      const { port, path, contentType, metadata } = job;
      const [origin, bucket] = [port.storageOrigin, port.bucket];
      const object = { origin, bucket, path, contentType, size: file.size, metadata };
      return start(object, credentials, signal);
    }
    if (isFinal) return finalize(session, credentials, signal);
    if (offset === null) return query(session, credentials, signal);
    const end = Math.min(offset + pieceBytes, file.size);
    const isLast = end === file.size;
    if (isLast) on.finishing();
    if (offset === end) return finalize(session, credentials, signal);
    const bytes = await readPiece(file, offset, end);
    throwIfStopped(signal);
    const answer = await send(session, { bytes, offset, isLast }, credentials, signal);
    return answer.kind === "active" ? { ...answer, sentBytes: answer.sentBytes ?? end } : answer;
  };

  for (;;) {
    await job.mayGoOn();
    throwIfStopped(signal);
    const answer = await next();
    throwIfStopped(signal);
    if (answer.kind !== "cut") on.connected();
    switch (answer.kind) {
      case "started":
        session = answer.session;
        offset = 0;
        await on.session(session);
        break;
      case "active": {
        const sentBytes = answer.sentBytes ?? 0;
        if (!Number.isInteger(sentBytes) || sentBytes > file.size) {
          if (await restart()) return { generation: null };
          break;
        }
        if (sentBytes > (offset ?? -1)) [failures, isFresh] = [0, false];
        offset = sentBytes;
        on.progress(sentBytes);
        break;
      }
      case "final":
        if (answer.generation !== null) {
          on.progress(file.size);
          return { generation: answer.generation };
        }
        // Finished before, and the answer was lost: asked once how it went, it may say.
        if (isFinal) {
          on.progress(file.size);
          return { generation: null };
        }
        isFinal = true;
        on.finishing();
        break;
      case "lost":
        if (await restart()) return { generation: null };
        break;
      case "denied":
        // Claims in the token may be older than what the account may do now.
        if (isDenied) {
          if (await job.isThere()) return { generation: null };
          throw new MediaIntegrityError("forbidden", { reason: "upload_denied" });
        }
        [isDenied, wantsFresh] = [true, true];
        if (await restart()) return { generation: null };
        break;
      case "unauthenticated":
        if (isFresh) {
          throw new MediaIntegrityError(answer.isAppCheck ? "app-check" : "unauthenticated");
        }
        wantsFresh = true;
        offset = null;
        break;
      case "busy":
      case "confused": {
        if (++failures > MOST_FAILURES) {
          throw new MediaIntegrityError(answer.kind === "busy" ? "unavailable" : "internal");
        }
        offset = null;
        const asked = answer.kind === "busy" ? (answer.retryAfterMs ?? 0) : 0;
        await pause(Math.max(asked, backoffMs(failures)), job.connectivity, signal);
        break;
      }
      case "cut":
        failures += 1;
        offset = null;
        // Smaller pieces arrive where large ones take longer than a request may.
        if (answer.isSlow) pieceBytes = Math.max(GRANULARITY, pieceBytes / 2);
        on.cut();
        await pause(backoffMs(failures), job.connectivity, signal);
        break;
    }
  }
}

async function credentialsOf(job: Transfer, fresh: boolean): Promise<Credentials | Answer> {
  const { port, userId } = job;
  try {
    const idToken = await port.idToken({ fresh });
    if (idToken === null || port.userId() !== userId) {
      throw new MediaIntegrityError("unauthenticated");
    }
    return { idToken, appCheckToken: await port.appCheckToken({ fresh }) };
  } catch (error) {
    const failure = asMediaIntegrityError(error);
    if (failure.retryable) return { kind: "cut", isSlow: false };
    throw failure;
  }
}

async function readPiece(
  file: OpenFile,
  start: number,
  end: number,
): Promise<Blob | Uint8Array<ArrayBuffer>> {
  let piece: Blob | Uint8Array<ArrayBuffer>;
  try {
    piece = await file.read(start, end);
  } catch (cause) {
    throw new MediaIntegrityError("file", { reason: "file_unreadable", cause });
  }
  const length = piece instanceof Uint8Array ? piece.byteLength : piece.size;
  if (length === end - start) return piece;
  throw new MediaIntegrityError("file", { reason: "file_unreadable" });
}
