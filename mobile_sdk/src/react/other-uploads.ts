import type { MediaIntegrityClient, Unsubscribe, UploadState, UploadTask } from "../types/index.js";
import { failureOf } from "./failure.js";
import { sharedWatch } from "./shared-watch.js";
import { isOver } from "./upload-machine.js";

/** An upload under way that began in an earlier run, or in a component that has gone. */
export interface OtherUpload {
  readonly uploadId: string;
  readonly upload: UploadState;
  readonly task: UploadTask;
}

/** Uploads that outlived their hook, by account. */
interface Kept {
  readonly tasks: Map<UploadTask, string>;
  readonly listeners: Set<() => void>;
}

const kept = new WeakMap<MediaIntegrityClient, Kept>();

function keptOf(client: MediaIntegrityClient): Kept {
  const known = kept.get(client) ?? { tasks: new Map(), listeners: new Set() };
  kept.set(client, known);
  return known;
}

/** The client goes on with it, and another hook may take it up. */
export function keepUpload(client: MediaIntegrityClient, userId: string, task: UploadTask): void {
  const { tasks, listeners } = keptOf(client);
  tasks.set(task, userId);
  const forget = () => tasks.delete(task);
  task.done.then(forget, forget);
  for (const listener of [...listeners]) listener();
}

export const otherUploads = sharedWatch<readonly OtherUpload[]>((client, _, next, fail) => {
  const userId = client.userId();
  const { tasks, listeners } = keptOf(client);
  const states = new Map<UploadTask, UploadState>();
  const stops: Unsubscribe[] = [];
  let isLoaded = false;
  let isOld = false;

  const tell = () => {
    if (!isLoaded || isOld) return;
    next(
      [...states].flatMap(([task, upload]) =>
        isOver(upload) ? [] : [{ uploadId: task.uploadId, upload, task }],
      ),
    );
  };
  const follow = (task: UploadTask) => {
    if (isOld || states.has(task)) return;
    states.set(task, task.state());
    const stop = task.subscribe((upload) => {
      states.set(task, upload);
      tell();
    });
    stops.push(stop);
  };
  const followKept = () => {
    for (const [task, owner] of tasks) if (owner === userId) follow(task);
    tell();
  };

  listeners.add(followKept);
  followKept();
  client.unfinishedUploads().then(
    (found) => {
      isLoaded = true;
      found.forEach(follow);
      tell();
    },
    (error: unknown) => fail(failureOf(error, client)),
  );
  return () => {
    isOld = true;
    listeners.delete(followKept);
    for (const stop of stops) stop();
  };
});
