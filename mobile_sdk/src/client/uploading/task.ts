/** One upload, from the first byte to the verdict. */

import type {
  ScanView,
  UploadOptions,
  UploadOutcome,
  UploadState,
  UploadTask,
} from "../../types/client.js";
import { COLLECTIONS } from "../../types/generated/functions.js";
import type { MediaSource, OpenFile, Unsubscribe } from "../../types/port.js";
import { sha256Hex } from "../../hashing/sha256.js";
import { errorFields, MediaIntegrityError } from "../errors.js";
import { accepted } from "./accepted.js";
import type { UploadDependencies } from "./dependencies.js";
import { fingerprintOf } from "./fingerprint.js";
import { after, INITIAL, isOver, told, type Machine, type UploadEvent } from "./machine.js";
import { backoffMs, pause } from "./patience.js";
import { cancel as cancelSession, GRANULARITY, throwIfStopped } from "./protocol.js";
import type { StoredUpload, UploadSessions } from "./sessions.js";
import { transfer } from "./transfer.js";

/** A file that was just chosen, or an upload that a restart interrupted. */
export type Plan =
  | { readonly source: MediaSource; readonly options: UploadOptions }
  | { readonly userId: string; readonly stored: StoredUpload };

export interface RunningTask {
  readonly task: UploadTask;
  /** Goes no further, here; what is stored stays. */
  readonly stop: () => void;
}

const DEFAULT_PIECE = 4 * GRANULARITY;
/** A finished upload's job is there within moments; then a restart looks again. */
const JOB_PATIENCE_MS = 90_000;
/** Whether an upload is there is known at once, or there is no connection. */
const LOOK_PATIENCE_MS = 15_000;
/** After everybody has agreed, until the upload's state says so. */
const RELEASE_PATIENCE_MS = 60_000;
/** Characters; storage.rules take no more. */
const MOST_TRANSCRIPT = 2000;
/** Tries to say that only the uploader is shown. */
const MOST_CLAIMS = 8;

/** `release` is called once it goes on here no more. */
export function startTask(
  uploadId: string,
  plan: Plan,
  dependencies: UploadDependencies,
  sessions: UploadSessions,
  release: () => void,
): RunningTask {
  const { port, call, faults, files, connectivity, watchScan, onEvent } = dependencies;
  const listeners = new Set<(state: UploadState) => void>();
  const controller = new AbortController();
  const { signal } = controller;
  let machine: Machine = INITIAL;
  let isClosed = false;
  /** The last byte is on its way: from here on it cannot be taken back. */
  let isFinishing = false;
  let stored: StoredUpload | null = "stored" in plan ? plan.stored : null;
  let owner: string | null = "stored" in plan ? plan.userId : null;
  let settle: {
    readonly resolve: (outcome: UploadOutcome) => void;
    readonly reject: (error: MediaIntegrityError) => void;
  };
  const done = new Promise<UploadOutcome>((resolve, reject) => {
    settle = { resolve, reject };
  });
  done.catch(() => undefined); // whoever wants to know asks; nobody has to

  const dispatch = (event: UploadEvent): void => {
    const before = machine;
    machine = after(machine, event);
    if (machine === before) return;
    const state = told(machine);
    if (machine.state !== before.state) onEvent?.({ kind: "upload", uploadId, state: state.state });
    for (const listener of [...listeners]) tell(listener, state);
  };

  // ---- What is stored ----

  /** In order, so that an older word never replaces a newer one. */
  let lastSave: Promise<void> = Promise.resolve();
  const save = (changes: Partial<StoredUpload>): Promise<void> => {
    if (stored === null || owner === null) return Promise.resolve();
    stored = { ...stored, ...changes };
    const [userId, upload] = [owner, stored];
    lastSave = lastSave.then(() => sessions.save(userId, upload));
    return lastSave;
  };
  const forget = async (): Promise<void> => {
    if (stored === null || owner === null) return;
    const [userId, { bookmark }] = [owner, stored];
    stored = null;
    await lastSave;
    await sessions.remove(userId, uploadId);
    if (bookmark !== null) await files.forget?.(bookmark).catch(() => undefined);
  };

  // ---- Waiting ----

  const isPaused = (): boolean =>
    machine.state === "paused" || (machine.state === "preparing" && machine.pauses);

  const mayGoOn = async (): Promise<void> => {
    if (!isPaused() || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (isPaused() && !signal.aborted) return;
        listeners.delete(look);
        signal.removeEventListener("abort", look);
        resolve();
      };
      listeners.add(look);
      signal.addEventListener("abort", look);
    });
  };

  /** Until there is a connection; what is refused for good is thrown. */
  const persistently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let failures = 1; ; failures++) {
      await mayGoOn();
      throwIfStopped(signal);
      try {
        const answer = await work();
        dispatch({ event: "connected" });
        return answer;
      } catch (error) {
        throwIfStopped(signal);
        const failure = faults.from(error);
        if (!failure.retryable) throw failure;
        dispatch({ event: "cut" });
        await pause(Math.max(failure.retryAfterMs ?? 0, backoffMs(failures)), connectivity, signal);
      }
    }
  };

  // ---- Steps ----

  const open = async (): Promise<OpenFile> => {
    if ("source" in plan) {
      try {
        return await files.open(plan.source);
      } catch (cause) {
        throw new MediaIntegrityError("file", { reason: "file_unreadable", cause });
      }
    }
    const { bookmark, fingerprint } = plan.stored;
    const lost = (cause?: unknown) => new MediaIntegrityError("session-lost", { cause });
    if (bookmark === null) throw lost();
    let file: OpenFile | null = null;
    try {
      file = await files.reopen(bookmark);
      if (file !== null && (await fingerprintOf(file)) === fingerprint) return file;
    } catch (cause) {
      file?.close();
      throw lost(cause);
    }
    file?.close();
    throw lost();
  };

  const begin = async (): Promise<void> => {
    const device = await dependencies.deviceHash();
    const answer = await persistently(() => call("begin_upload", { uploadId, device }));
    if (answer.mayUpload) return;
    throw new MediaIntegrityError("upload-refused", {
      reason: answer.code,
      until: dateOf(answer.until),
      backendText: answer.text,
    });
  };

  const prepare = async (userId: string, file: OpenFile): Promise<StoredUpload> => {
    if ("stored" in plan) {
      dispatch({ event: "opened", totalBytes: file.size });
      return plan.stored;
    }
    const { source, options } = plan;
    const { name, contentType, kind } = accepted(file);
    if ((options.transcript?.length ?? 0) > MOST_TRANSCRIPT) {
      throw new MediaIntegrityError("invalid", { reason: "transcript" });
    }
    dispatch({ event: "opened", totalBytes: file.size });
    if (kind === "image" && options.preflight !== false && (await isKnown(source))) {
      throw new MediaIntegrityError("upload-refused", { reason: "would_be_held" });
    }
    throwIfStopped(signal);
    const upload: StoredUpload = {
      version: 1,
      uploadId,
      startedAt: Date.now(),
      bookmark: null,
      fingerprint: await fingerprintOf(file).catch((cause: unknown) => {
        throw new MediaIntegrityError("file", { reason: "file_unreadable", cause });
      }),
      size: file.size,
      path: `uploads/${userId}/${uploadId}/${name}`,
      contentType,
      surface: options.surface ?? null,
      transcript: options.transcript ?? null,
      showsOnlyMe: options.showsOnlyMe ?? false,
      session: null,
      jobId: null,
    };
    await begin();
    throwIfStopped(signal); // what was cancelled meanwhile would otherwise be kept, and sent later
    stored = upload;
    // Keeping the file takes as long as the phone likes; meanwhile it is sent.
    void files
      .bookmark(source)
      .catch(() => null)
      .then((bookmark) => {
        if (bookmark === null) return undefined;
        if (stored !== null) return save({ bookmark });
        return files.forget?.(bookmark).catch(() => undefined);
      });
    return upload;
  };

  const isKnown = async (source: MediaSource): Promise<boolean> => {
    try {
      return (await dependencies.preflight(source)).known;
    } catch {
      return false; // it is scanned in any case
    }
  };

  const metadataOf = ({ surface, transcript }: StoredUpload): Readonly<Record<string, string>> => ({
    ...(surface === null ? {} : { surface }),
    ...(transcript === null ? {} : { transcript }),
  });

  /** The job of this upload, by the database; null where there is none in that time. */
  const findJob = (userId: string, patienceMs: number, waits: boolean): Promise<string | null> =>
    new Promise((resolve, reject) => {
      let stop: Unsubscribe | null = null;
      let isEnded = false;
      const end = (settle: () => void): void => {
        isEnded = true;
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        stop?.();
        settle();
      };
      const found = (jobId: string | null): void => end(() => resolve(jobId));
      const abort = (): void => end(() => reject(new MediaIntegrityError("cancelled")));
      const timer = setTimeout(() => found(null), patienceMs);
      signal.addEventListener("abort", abort);
      stop = port.watchQuery(
        {
          collection: COLLECTIONS.ScanJob,
          where: [
            ["uploaderId", "==", userId],
            ["uploadId", "==", uploadId],
          ],
          limit: 1,
        },
        ([job]) => {
          if (job !== undefined) found(job.id);
          else if (!waits) found(null);
        },
        () => found(null),
      );
      if (isEnded) stop();
    });

  const sendAll = async (userId: string): Promise<string> => {
    const file = await open();
    try {
      const upload = await prepare(userId, file);
      await mayGoOn();
      throwIfStopped(signal);
      dispatch({ event: "started" });
      const { generation } = await transfer({
        port,
        connectivity,
        userId,
        file,
        path: upload.path,
        contentType: upload.contentType,
        metadata: metadataOf(upload),
        pieceBytes: dependencies.chunkBytes ?? DEFAULT_PIECE,
        session: upload.session,
        signal,
        mayGoOn,
        isThere: async () => (await findJob(userId, LOOK_PATIENCE_MS, false)) !== null,
        on: {
          session: (session) => save({ session }),
          progress: (sentBytes) => {
            if (sentBytes < file.size) isFinishing = false;
            dispatch({ event: "progress", sentBytes });
          },
          restarted: () => {
            isFinishing = false;
            dispatch({ event: "restarted" });
          },
          cut: () => dispatch({ event: "cut" }),
          connected: () => dispatch({ event: "connected" }),
          finishing: () => {
            isFinishing = true;
          },
        },
      });
      if (generation !== null) return sha256Hex(`${port.bucket}/${upload.path}#${generation}`);
    } finally {
      file.close();
    }
    const jobId = await findJob(userId, JOB_PATIENCE_MS, true);
    if (jobId === null) throw new MediaIntegrityError("unavailable", { reason: "no_job_yet" });
    return jobId;
  };

  /** Whether everybody who had to has agreed. It never fails the upload. */
  const claimSelf = async (jobId: string): Promise<boolean> => {
    for (let failures = 1; failures <= MOST_CLAIMS; failures++) {
      try {
        return (await call("verify_media_consent", { jobId, basis: "self" })).status === "given";
      } catch (error) {
        const failure = faults.from(error);
        // The functions may not have heard of the upload yet.
        if (!failure.retryable && failure.code !== "not-found") {
          faults.note(failure);
          return false;
        }
        await pause(backoffMs(failures), connectivity, signal);
      }
    }
    return false;
  };

  const verdict = (jobId: string, agreed: Promise<boolean> | null): Promise<UploadOutcome> =>
    new Promise((resolve, reject) => {
      let stop: Unsubscribe | null = null;
      let isEnded = false;
      let latest: ScanView | null = null;
      let mayEndAwaiting = agreed === null;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let failures = 0;

      const end = (settled: () => void): void => {
        isEnded = true;
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        stop?.();
        settled();
      };
      const abort = (): void => end(() => reject(new MediaIntegrityError("cancelled")));
      const look = (): void => {
        if (isEnded || latest?.state !== "finished") return;
        if (latest.outcome === "awaiting-consent" && !mayEndAwaiting) return;
        const { state: _, ...outcome } = latest;
        end(() => resolve(outcome));
      };
      const watch = (): void => {
        stop = watchScan(
          jobId,
          (view) => {
            [latest, failures] = [view, 0];
            if (view.state === "scanning") dispatch({ event: "scanned", ...view });
            look();
          },
          (failure) => {
            if (!failure.retryable) {
              end(() => reject(faults.of(failure.code, failure.reason ?? undefined)));
              return;
            }
            failures += 1;
            void pause(backoffMs(failures), connectivity, signal).then(watch, () => undefined);
          },
        );
        if (isEnded) stop();
      };
      signal.addEventListener("abort", abort);
      void agreed?.then((isGiven) => {
        const allow = (): void => {
          mayEndAwaiting = true;
          look();
        };
        if (isGiven) timer = setTimeout(allow, RELEASE_PATIENCE_MS);
        else allow();
      });
      watch();
    });

  const run = async (): Promise<void> => {
    const userId = await signedIn();
    owner = userId;
    let jobId = stored?.jobId ?? null;
    if (jobId === null) {
      jobId = await sendAll(userId);
      await save({ jobId, session: null, transcript: null });
    }
    throwIfStopped(signal);
    dispatch({ event: "stored", jobId });
    const agreed = stored?.showsOnlyMe === true ? claimSelf(jobId).catch(() => false) : null;
    const outcome = await verdict(jobId, agreed);
    await forget();
    dispatch({ event: "finished", outcome });
    settle.resolve(outcome);
  };

  const signedIn = async (): Promise<string> => {
    await port.idToken().catch(() => null); // waits until it is known who is signed in
    const userId = port.userId();
    if (userId === null || (owner !== null && owner !== userId)) {
      throw new MediaIntegrityError("unauthenticated");
    }
    return userId;
  };

  const stopListening = port.onUser((userId) => {
    if (owner === null || userId === owner || isOver(machine) || isClosed) return;
    fail(new MediaIntegrityError("unauthenticated"));
  });

  const fail = (cause: unknown): void => {
    if (machine.state === "cancelled") void forget(); // whatever was kept since
    if (isOver(machine) || isClosed) return;
    const error = faults.from(cause);
    // What may go on later, or as somebody else signs in, is kept.
    const isKept =
      error.retryable || error.code === "unauthenticated" || error.code === "app-check";
    if (!isKept) void forget();
    dispatch({ event: "failed", error: errorFields(error) });
    faults.note(error);
    controller.abort();
    settle.reject(error);
  };

  void run()
    .catch(fail)
    .finally(() => {
      stopListening();
      release();
    });

  return {
    task: {
      uploadId,
      done,
      state: () => told(machine),
      subscribe: (listener) => {
        // Of its own, so that one that is given twice is told twice and ends once each.
        const own = (state: UploadState): void => listener(state);
        listeners.add(own);
        tell(own, told(machine));
        return () => listeners.delete(own);
      },
      pause: () => {
        if (!isClosed) dispatch({ event: "pause" });
      },
      resume: () => {
        if (!isClosed) dispatch({ event: "resume" });
      },
      cancel: async () => {
        if (isClosed || isFinishing || isOver(machine) || machine.state === "scanning") {
          return machine.state === "cancelled";
        }
        const session = stored?.session ?? null;
        dispatch({ event: "cancel" });
        controller.abort();
        settle.reject(faults.of("cancelled"));
        await forget();
        if (session !== null) await giveUp(session);
        return true;
      },
    },
    stop: () => {
      if (isClosed || isOver(machine)) return;
      dispatch({ event: "pause" });
      isClosed = true;
      controller.abort();
    },
  };

  /** A session that cannot be told so ends by itself, after a week. */
  async function giveUp(session: string): Promise<void> {
    try {
      const idToken = await port.idToken();
      const appCheckToken = await port.appCheckToken();
      if (idToken === null) return;
      await cancelSession(session, { idToken, appCheckToken }, new AbortController().signal);
    } catch {
      // offline
    }
  }
}

function dateOf(text: string | null): Date | null {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** What a listener throws is its own affair, and is seen where uncaught errors are seen. */
function tell(listener: (state: UploadState) => void, state: UploadState): void {
  try {
    listener(state);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
