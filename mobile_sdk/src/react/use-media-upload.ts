import { useEffect, useMemo } from "react";

import type {
  MediaIntegrityClient,
  MediaSource,
  Unsubscribe,
  UploadOptions,
  UploadState,
  UploadTask,
} from "../types/index.js";
import { failureOf } from "./failure.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { keepUpload, otherUploads, type OtherUpload } from "./other-uploads.js";
import { createStore } from "./store.js";
import {
  isUnderWay,
  NO_UPLOAD,
  reduceUpload,
  uploadLeft,
  wouldBeHeld,
  type MediaUpload,
  type UploadEvent,
} from "./upload-machine.js";
import { useWatch } from "./watched.js";

/**
 * How an upload ended. `ignored`: another one is under way, or the hook has gone; not a byte of it
 * was sent.
 */
export type UploadEnd =
  | Extract<UploadState, { readonly state: "finished" | "failed" | "cancelled" }>
  | { readonly state: "ignored" };

/** An upload that is not over, of an earlier run or of a component that has gone. */
export interface UnfinishedUpload {
  readonly uploadId: string;
  readonly upload: UploadState;
}

export interface UseMediaUploadOptions {
  /**
   * What becomes of an upload when the component goes in the middle. `cancel` (the default): it is
   * cancelled, as long as not all bytes are there. `keep`: it goes on, among `unfinished`. When
   * another account signs in, the client stores it for its owner.
   */
  readonly onUnmount?: "cancel" | "keep";
}

export interface UseMediaUpload {
  readonly upload: MediaUpload;
  /** Uploads and waits for the verdict. Never rejects; one at a time. */
  readonly uploadWithIntegrityCheck: (
    source: MediaSource,
    options?: UploadOptions,
  ) => Promise<UploadEnd>;
  /**
   * After the check before the upload said that the picture would be held back (`failed`, reason
   * `would_be_held`): uploads it all the same, to be looked at. Ignored in any other state.
   */
  readonly sendAnyway: () => Promise<UploadEnd>;
  readonly pause: () => void;
  readonly resume: () => void;
  /** False where it was too late, or nothing was under way: the scan goes on. */
  readonly cancel: () => Promise<boolean>;
  /** Back to `idle`, once the upload is over. */
  readonly reset: () => void;
  /**
   * Uploads that a restart of the app interrupted, or that were kept when their component went;
   * without the one that is `upload`. They go on by themselves.
   */
  readonly unfinished: readonly UnfinishedUpload[];
  /** Makes one of those this hook's `upload`, and lets it go on if it was paused. */
  readonly takeUp: (uploadId: string) => Promise<UploadEnd>;
  /** Cancels one of those. */
  readonly discard: (uploadId: string) => Promise<boolean>;
}

const NONE: readonly OtherUpload[] = [];

/**
 * One upload, from the first byte to the verdict.
 *
 * @example
 * ```tsx
 * const { upload, uploadWithIntegrityCheck, cancel } = useMediaUpload();
 *
 * <Button onPress={() => uploadWithIntegrityCheck({ uri })} />
 * {upload.state === "uploading" && <Progress part={upload.sentBytes / upload.totalBytes} />}
 * {upload.state === "finished" && upload.outcome === "blocked" && <Blocked id={upload.caseId} />}
 * ```
 */
export function useMediaUpload({
  onUnmount = "cancel",
}: UseMediaUploadOptions = {}): UseMediaUpload {
  const { client, userId, session } = useSession();
  const control = useKeyed([client, session], () => createUploadControl(client, userId));
  const upload = useStore(control.store);
  useEffect(() => control.onLeaving(onUnmount), [control, onUnmount]);

  const { watched } = useWatch(otherUploads, "");
  const others = watched.state === "ready" ? watched.value : NONE;
  const current = upload.state === "idle" ? null : upload.uploadId;
  const unfinished = useMemo(
    () =>
      others.flatMap(({ uploadId, upload }) =>
        uploadId === current ? [] : [{ uploadId, upload }],
      ),
    [others, current],
  );

  return useMemo(() => {
    const find = (uploadId: string) =>
      others.find((each) => each.uploadId === uploadId)?.task ?? null;
    return {
      upload,
      unfinished,
      uploadWithIntegrityCheck: control.upload,
      sendAnyway: control.sendAnyway,
      pause: control.pause,
      resume: control.resume,
      cancel: control.cancel,
      reset: control.reset,
      takeUp: (uploadId) => control.takeUp(find(uploadId)),
      discard: async (uploadId) => (await find(uploadId)?.cancel()) ?? false,
    };
  }, [upload, unfinished, others, control]);
}

function createUploadControl(client: MediaIntegrityClient, userId: string | null) {
  let leaving: "cancel" | "keep" = "cancel";
  let current: UploadTask | null = null;
  let stop: Unsubscribe | null = null;
  /** What was given last, for `sendAnyway`. */
  let given: { readonly source: MediaSource; readonly options?: UploadOptions } | null = null;

  const store = createStore<MediaUpload, UploadEvent>({
    initial: NO_UPLOAD,
    reduce: reduceUpload,
    open: () => () => {
      stop?.();
      const task = current;
      // Another account has signed in: the client stores it for its owner.
      if (task !== null && client.userId() === userId && isUnderWay(store.get())) {
        if (leaving === "cancel") task.cancel().catch(() => undefined);
        else if (userId !== null) keepUpload(client, userId, task);
      }
      current = null;
      given = null;
    },
    left: uploadLeft,
  });

  async function follow(begin: () => UploadTask): Promise<UploadEnd> {
    const life = store.life();
    if (life.over() || isUnderWay(store.get())) return { state: "ignored" };
    stop?.();
    const task = begin();
    const { uploadId } = task;
    current = task;
    life.send({ type: "started", uploadId, upload: task.state() });
    stop = task.subscribe((upload) => life.send({ type: "changed", uploadId, upload }));
    try {
      return { state: "finished", ...(await task.done) };
    } catch (cause) {
      const error = failureOf(cause, client);
      return error.code === "cancelled" ? { state: "cancelled" } : { state: "failed", error };
    }
  }

  return {
    store,
    onLeaving: (what: "cancel" | "keep") => {
      leaving = what;
    },
    upload: (source: MediaSource, options?: UploadOptions) =>
      follow(() => {
        given = { source, ...(options === undefined ? {} : { options }) };
        return client.uploadMedia(source, options);
      }),
    sendAnyway: async (): Promise<UploadEnd> => {
      if (given === null || !wouldBeHeld(store.get())) return { state: "ignored" };
      const { source, options } = given;
      return follow(() => client.uploadMedia(source, { ...options, preflight: false }));
    },
    takeUp: async (task: UploadTask | null): Promise<UploadEnd> =>
      task === null
        ? { state: "ignored" }
        : follow(() => {
            given = null;
            task.resume();
            return task;
          }),
    pause: () => current?.pause(),
    resume: () => current?.resume(),
    cancel: async () => (isUnderWay(store.get()) && (await current?.cancel())) || false,
    reset: () => {
      if (!isUnderWay(store.get())) given = null;
      store.send({ type: "reset" });
    },
  };
}
