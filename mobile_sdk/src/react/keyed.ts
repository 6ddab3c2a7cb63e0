import { useState, useSyncExternalStore } from "react";

/**
 * Makes something once for `key` and anew for another: a user who changes, another upload.
 * Unlike a memo React never throws it away.
 */
export function useKeyed<T>(key: readonly unknown[], make: () => T): T {
  const [held, setHeld] = useState(() => ({ key, made: make() }));
  if (sameKey(held.key, key)) return held.made;
  const next = { key, made: make() };
  setHeld(next);
  return next.made;
}

function sameKey(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => Object.is(each, other[at]));
}

/** What `useSyncExternalStore` needs of a store. */
export interface Readable<S> {
  readonly get: () => S;
  readonly subscribe: (listener: () => void) => () => void;
}

export function useStore<S>(store: Readable<S>): S {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
