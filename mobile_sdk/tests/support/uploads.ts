/** The uploads of one app on one device, put together as the client does. */

import { createCall } from "../../src/client/calls.js";
import { createFaults } from "../../src/client/faults.js";
import { outcomeOf } from "../../src/client/scans.js";
import { createSession } from "../../src/client/session.js";
import { memoryStore } from "../../src/client/stores.js";
import {
  createUploads,
  type UploadDependencies,
  type Uploads,
} from "../../src/client/uploading/index.js";
import { createWatches } from "../../src/client/watching.js";
import type { UploadState, UploadTask } from "../../src/types/client.js";
import type {
  Connectivity,
  FileOpener,
  FirebasePort,
  KeyValueStore,
  MediaSource,
  OpenFile,
} from "../../src/types/port.js";

/** Always there, as a phone's own word often is: what is lost is found out by trying. */
export const CONNECTED: Connectivity = { online: () => true, onChange: () => () => undefined };

export interface DeviceFiles extends FileOpener {
  /** Bytes of the largest read that was not answered yet, all open files together. */
  largestRead(): number;
  /** Deletes or changes what a bookmark leads to. */
  replace(bookmark: string, file: Blob | null): void;
  bookmarks(): readonly string[];
  openCount(): number;
}

/** A device's files: they outlive the program, and every read is counted. */
export function deviceFiles(): DeviceFiles {
  const kept = new Map<string, Blob>();
  let made = 0;
  let outstanding = 0;
  let largest = 0;
  let open = 0;

  const opened = (blob: Blob): OpenFile => {
    open += 1;
    return {
      size: blob.size,
      type: blob.type,
      name: blob instanceof File ? blob.name : "",
      read: async (start, end) => {
        outstanding += end - start;
        largest = Math.max(largest, outstanding);
        const bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
        outstanding -= end - start;
        return bytes;
      },
      close: () => {
        open -= 1;
      },
    };
  };
  const blobOf = (source: MediaSource): Blob => {
    if (source instanceof Blob) return source;
    throw new TypeError("a Blob is needed");
  };
  return {
    open: async (source) => opened(blobOf(source)),
    bookmark: async (source) => {
      const bookmark = `file-${made++}`;
      kept.set(bookmark, blobOf(source));
      return bookmark;
    },
    reopen: async (bookmark) => {
      const found = kept.get(bookmark);
      return found === undefined ? null : opened(found);
    },
    forget: async (bookmark) => {
      kept.delete(bookmark);
    },
    largestRead: () => largest,
    replace: (bookmark, file) => {
      if (file === null) kept.delete(bookmark);
      else kept.set(bookmark, file);
    },
    bookmarks: () => [...kept.keys()],
    openCount: () => open,
  };
}

export interface DeviceStore extends KeyValueStore {
  keys(): readonly string[];
  /** Changes all values, as if something had happened to them between two runs. */
  rewrite(change: (value: string) => string): void;
}

/** What a device keeps: it outlives the program, and can be looked into. */
export function deviceStore(): DeviceStore {
  const values = new Map<string, string>();
  return {
    getItem: async (key) => values.get(key) ?? null,
    setItem: async (key, value) => {
      values.set(key, value);
    },
    removeItem: async (key) => {
      values.delete(key);
    },
    keys: () => [...values.keys()],
    rewrite: (change) => {
      for (const [key, value] of values) values.set(key, change(value));
    },
  };
}

/** One run of an app: `close` is what happens when the system ends it. */
export function startUploads(port: FirebasePort, given: Partial<UploadDependencies> = {}): Uploads {
  const faults = createFaults("en", undefined);
  const session = createSession(port);
  const watches = createWatches(port, session, faults);
  const uploads = createUploads({
    port,
    call: createCall(port, faults),
    faults,
    files: deviceFiles(),
    store: memoryStore(),
    connectivity: CONNECTED,
    watchScan: (jobId, listener, onError) =>
      watches.document(
        "ScanJob",
        () => jobId,
        (job) =>
          listener(
            job === null ? { state: "scanning", jobId, step: null, progress: 0 } : outcomeOf(job),
          ),
        onError,
      ),
    deviceHash: async () => null,
    preflight: async () => ({ known: false, hashed: false }),
    ...given,
  });
  return {
    ...uploads,
    close: () => {
      uploads.close();
      watches.close();
      session.close();
    },
  };
}

/** All that is told of a task, as long as it lasts. */
export function recorded(task: UploadTask): readonly UploadState[] {
  const states: UploadState[] = [];
  task.subscribe((state) => states.push(state));
  return states;
}

/** The bytes that a state says are sent; undefined where it says nothing of them. */
export function sentIn(state: UploadState): number | undefined {
  return "sentBytes" in state ? state.sentBytes : undefined;
}
