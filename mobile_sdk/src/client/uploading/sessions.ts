/** Unfinished uploads as they are kept, so that a restart loses none. One person's each. */

import type { Surface } from "../../types/generated/documents.js";
import type { KeyValueStore } from "../../types/port.js";

/** What is known of an upload. Holds no bytes of it, and no name but the one in the bucket. */
export interface StoredUpload {
  readonly version: 1;
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** By which the file is found again; null where it cannot be. */
  readonly bookmark: string | null;
  /** Of the file's beginning, end and size: another file is never sent in its place. */
  readonly fingerprint: string;
  readonly size: number;
  readonly path: string;
  readonly contentType: string;
  readonly surface: Surface | null;
  readonly transcript: string | null;
  readonly showsOnlyMe: boolean;
  /** Where the bytes go; null before the first and after one was lost. */
  readonly session: string | null;
  /** Known once all bytes are there. */
  readonly jobId: string | null;
}

export interface UploadSessions {
  list(userId: string): Promise<readonly StoredUpload[]>;
  /** What cannot be stored is left out: the upload goes on, and does not survive a restart. */
  save(userId: string, upload: StoredUpload): Promise<void>;
  remove(userId: string, uploadId: string): Promise<void>;
}

const PREFIX = "media-integrity/uploads";

export function createSessions(store: KeyValueStore): UploadSessions {
  const listKey = (userId: string): string => `${PREFIX}/${userId}`;
  const key = (userId: string, uploadId: string): string => `${PREFIX}/${userId}/${uploadId}`;
  let last: Promise<unknown> = Promise.resolve();

  /** One change of the list at a time; in browsers over all tabs. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(() => withLock("media-integrity/uploads", work));
    last = turn.catch(() => undefined);
    return turn;
  };

  const ids = async (userId: string): Promise<readonly string[]> => {
    const found: unknown = parsed(await store.getItem(listKey(userId)));
    return Array.isArray(found) ? found.filter((id) => typeof id === "string") : [];
  };

  const putIds = (userId: string, listed: readonly string[]): Promise<void> =>
    listed.length === 0
      ? store.removeItem(listKey(userId))
      : store.setItem(listKey(userId), JSON.stringify(listed));

  return {
    list: (userId) =>
      inTurn(async () => {
        const found: StoredUpload[] = [];
        for (const id of await ids(userId)) {
          const upload = parsed(await store.getItem(key(userId, id)));
          if (isStoredUpload(upload)) found.push(upload);
        }
        return found;
      }),

    save: (userId, upload) =>
      inTurn(async () => {
        try {
          await store.setItem(key(userId, upload.uploadId), JSON.stringify(upload));
          const listed = await ids(userId);
          if (!listed.includes(upload.uploadId)) {
            await putIds(userId, [...listed, upload.uploadId]);
          }
        } catch {
          // full, or not allowed in this window
        }
      }),

    remove: (userId, uploadId) =>
      inTurn(async () => {
        try {
          await store.removeItem(key(userId, uploadId));
          const listed = await ids(userId);
          if (listed.includes(uploadId)) {
            await putIds(
              userId,
              listed.filter((id) => id !== uploadId),
            );
          }
        } catch {
          // as above
        }
      }),
  };
}

/** Of a newer or older version of this package, or damaged: left where it is, and not gone on with. */
function isStoredUpload(value: unknown): value is StoredUpload {
  if (typeof value !== "object" || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const isText = (name: string): boolean => typeof fields[name] === "string";
  const isTextOrNull = (name: string): boolean => fields[name] === null || isText(name);
  return (
    fields["version"] === 1 &&
    ["uploadId", "fingerprint", "path", "contentType"].every(isText) &&
    ["bookmark", "surface", "transcript", "session", "jobId"].every(isTextOrNull) &&
    ["size", "startedAt"].every((name) => typeof fields[name] === "number") &&
    typeof fields["showsOnlyMe"] === "boolean"
  );
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

// ---- One upload goes on in one place ----

/** Of this program. */
const claimed = new Set<string>();

/**
 * Makes sure that an upload goes on in one place only: two would send the same bytes twice.
 *
 * Null where it goes on elsewhere, in this program or in another tab. Ends with the tab.
 */
export async function claim(uploadId: string): Promise<(() => void) | null> {
  if (claimed.has(uploadId)) return null;
  claimed.add(uploadId);
  const release = (): void => {
    claimed.delete(uploadId);
  };
  const locks = webLocks();
  if (locks === undefined) return release;
  const unlock = await new Promise<(() => void) | null>((resolve) => {
    const held = locks.request(
      `media-integrity/upload/${uploadId}`,
      { ifAvailable: true },
      (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((end) => resolve(() => end()));
      },
    );
    held.catch(() => resolve(() => undefined)); // not allowed here: this program's own word counts
  });
  if (unlock === null) {
    release();
    return null;
  }
  return () => {
    release();
    unlock();
  };
}

async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = webLocks();
  return locks === undefined ? work() : locks.request(name, work);
}

/** React Native and Node have none, and no tabs either. */
function webLocks(): LockManager | undefined {
  const here: { readonly locks?: LockManager } | undefined =
    typeof navigator === "undefined" ? undefined : navigator;
  return here?.locks;
}
