/** What a snapshot of Firestore is, as far as it matters whether a listener hears of it. */
export interface Seen {
  readonly isEmpty: boolean;
  readonly isCached: boolean;
  /** Whether documents differ from the last one's, or only what is known about them. */
  readonly isChanged: boolean;
}

/** Whether a listener is told of a snapshot; one of these for each listener. */
export type News = (seen: Seen) => boolean;

/**
 * Has to see metadata too: the SDK may begin with what its cache has, and that the server agrees is
 * then told as metadata alone. Without it nobody would ever hear that there is nothing.
 *
 * `userId`: whose the app is at the time of listening.
 */
export function createNews(): (userId: string | null) => News {
  const people = new Set<string>();
  return (userId) => {
    if (userId !== null) people.add(userId);
    let isTold = false;
    return ({ isEmpty, isCached, isChanged }) => {
      // Without a connection nobody knows whether there is nothing. And the cache is the device's:
      // once a second person uses it, it may hold what this one must not see.
      if (isCached && (isEmpty || (!isTold && people.size > 1))) return false;
      if (isTold && !isChanged) return false;
      isTold = true;
      return true;
    };
  };
}
