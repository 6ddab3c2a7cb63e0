/** Uploads of one client. */

import type { MediaIntegrityClient, UploadTask } from "../../types/client.js";
import { randomId } from "../ids.js";
import type { UploadDependencies } from "./dependencies.js";
import { claim, createSessions } from "./sessions.js";
import { startTask, type RunningTask } from "./task.js";

export interface Uploads extends Pick<MediaIntegrityClient, "uploadMedia" | "unfinishedUploads"> {
  /** Pauses all of them. What is unfinished stays stored. */
  readonly close: () => void;
}

/** Sessions of Cloud Storage end after a week, and nobody remembers the upload either. */
const KEPT_MS = 7 * 24 * 3_600_000;

export function createUploads(dependencies: UploadDependencies): Uploads {
  const { port, store, files } = dependencies;
  const sessions = createSessions(store);
  const running = new Set<RunningTask>();
  const resumed = new Map<string, UploadTask>();
  let isClosed = false;

  const start = (...[uploadId, plan, release]: StartArguments): UploadTask => {
    const started = startTask(uploadId, plan, dependencies, sessions, () => {
      running.delete(started);
      resumed.delete(uploadId);
      release();
    });
    running.add(started);
    return started.task;
  };

  return {
    uploadMedia: (source, options = {}) => {
      const uploadId = randomId();
      // Nobody else knows the id: it is always free.
      const claimed = claim(uploadId);
      const task = start(uploadId, { source, options }, () => {
        void claimed.then((release) => release?.());
      });
      if (isClosed) for (const each of running) each.stop();
      return task;
    },

    unfinishedUploads: async () => {
      await port.idToken().catch(() => null); // waits until it is known who is signed in
      const userId = port.userId();
      if (userId === null || isClosed) return [];
      const tasks: UploadTask[] = [];
      for (const stored of await sessions.list(userId).catch(() => [])) {
        const { uploadId, startedAt, bookmark } = stored;
        const known = resumed.get(uploadId);
        if (known !== undefined) {
          tasks.push(known);
          continue;
        }
        const release = await claim(uploadId);
        if (release === null) continue;
        if (Date.now() - startedAt > KEPT_MS) {
          await sessions.remove(userId, uploadId);
          if (bookmark !== null) await files.forget?.(bookmark).catch(() => undefined);
          release();
          continue;
        }
        const task = start(uploadId, { userId, stored }, release);
        resumed.set(uploadId, task);
        tasks.push(task);
      }
      return tasks;
    },

    close: () => {
      isClosed = true;
      for (const each of [...running]) each.stop();
    },
  };
}

type StartArguments = readonly [
  uploadId: string,
  plan: Parameters<typeof startTask>[1],
  release: () => void,
];
