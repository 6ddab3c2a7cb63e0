import type { StoredDocument } from "../types/port.js";
import { readFields, type Plain } from "./fields.js";

/** What a snapshot of Firestore is, as far as it matters whether a listener hears of it. */
export interface Seen {
  readonly isEmpty: boolean;
  readonly isCached: boolean;
  /** Whether documents differ from the last one's, or only what is known about them. */
  readonly isChanged: boolean;
}

/** Whether a listener is told of a snapshot; one of these for each listener. */
export type News = (seen: Seen) => boolean;

export interface NewsOptions {
  /**
   * Whether the SDK's cache may hold what an earlier run of the app has read. Who used the device
   * then nobody knows: a listener hears nothing of it before the server has told it something.
   */
  readonly outlivesApp: boolean;
}

/**
 * Has to see metadata too: the SDK may begin with what its cache has, and that the server agrees is
 * then told as metadata alone. Without it nobody would ever hear that there is nothing.
 *
 * `userId`: whose the app is at the time of listening.
 */
export function createNews({ outlivesApp }: NewsOptions): (userId: string | null) => News {
  const people = new Set<string>();
  return (userId) => {
    if (userId !== null) people.add(userId);
    let isTold = false;
    return ({ isEmpty, isCached, isChanged }) => {
      // Without a connection nobody knows whether there is nothing. And the cache is the device's:
      // once a second person uses it, it may hold what this one must not see.
      const isAnybodys = outlivesApp || people.size > 1;
      if (isCached && (isEmpty || (!isTold && isAnybodys))) return false;
      if (isTold && !isChanged) return false;
      isTold = true;
      return true;
    };
  };
}

/** A document as both SDKs' listeners get it. */
interface Snapshot {
  readonly id: string;
  readonly ref: { readonly path: string };
  data(): Plain | undefined;
}

interface Cached {
  readonly metadata: { readonly fromCache: boolean };
}

/** What an SDK is given to listen to one document with: tells `listener` what is news. */
export function documentListener(
  isNews: News,
  listener: (document: StoredDocument | null) => void,
): (snapshot: Snapshot & Cached) => void {
  let last: unknown;
  return (snapshot) => {
    const fields = snapshot.data();
    const now = JSON.stringify(fields ?? null);
    const isEmpty = fields === undefined;
    const isCached = snapshot.metadata.fromCache;
    if (!isNews({ isEmpty, isCached, isChanged: now !== last })) return;
    last = now;
    listener(fields === undefined ? null : stored(snapshot, fields));
  };
}

/** The same for what a query finds. */
export function queryListener(
  isNews: News,
  listener: (documents: readonly StoredDocument[]) => void,
): (snapshot: Cached & { readonly docs: readonly Snapshot[] }) => void {
  let last: unknown;
  return ({ docs, metadata: { fromCache: isCached } }) => {
    const now = JSON.stringify(docs.map((each) => [each.ref.path, each.data()]));
    const isEmpty = docs.length === 0;
    if (!isNews({ isEmpty, isCached, isChanged: now !== last })) return;
    last = now;
    listener(docs.map((each) => stored(each, each.data() ?? {})));
  };
}

function stored({ id, ref: { path } }: Snapshot, fields: Plain): StoredDocument {
  return { id, path, fields: readFields(fields) };
}
