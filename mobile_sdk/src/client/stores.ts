/**
 * Where the client keeps what has to survive a restart: unfinished uploads, queued actions, the
 * device's salt. React Native's `AsyncStorage` is a {@link KeyValueStore} as it is. Keys of what
 * belongs to an account carry its id, so that the next person on the device neither sees it nor goes
 * on with it.
 */

import type { KeyValueStore } from "../types/port.js";

/** Forgets everything with the program. */
export function memoryStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    getItem: async (key) => values.get(key) ?? null,
    setItem: async (key, value) => {
      values.set(key, value);
    },
    removeItem: async (key) => {
      values.delete(key);
    },
  };
}

/**
 * A browser's `localStorage`, or `sessionStorage`.
 *
 * Rejects where the browser does not allow it, in a private window for example, or where it is full.
 */
export function webStore(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> = localStorage,
): KeyValueStore {
  return {
    getItem: async (key) => storage.getItem(key),
    setItem: async (key, value) => storage.setItem(key, value),
    removeItem: async (key) => storage.removeItem(key),
  };
}
