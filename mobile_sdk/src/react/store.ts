import type { Unsubscribe } from "../types/index.js";

/** What happens in one life of a store: from its first listener until the last has gone. */
export interface Life<E> {
  /** Ignored once this life is over, so that an answer that comes late changes nothing. */
  readonly send: (event: E) => void;
  readonly over: () => boolean;
}

/** A state, changed by events alone, in the shape that `useSyncExternalStore` takes. */
export interface Store<S, E> {
  readonly get: () => S;
  readonly subscribe: (listener: () => void) => Unsubscribe;
  readonly send: (event: E) => void;
  /** Take it before something is awaited and send the answer through it. */
  readonly life: () => Life<E>;
}

export interface StoreParts<S, E> {
  readonly initial: S;
  readonly reduce: (state: S, event: E) => S;
  /** Begins what feeds the store; called with the first listener, ended after the last. */
  readonly open?: (life: Life<E>) => Unsubscribe;
  /** The state that is left behind: nothing is under way any more. */
  readonly left: (state: S) => S;
}

/**
 * The end is put off to a microtask: React unmounts and mounts again in one go under StrictMode,
 * and when one component takes over from another. Neither must cancel or begin anything twice.
 */
export function createStore<S, E>(parts: StoreParts<S, E>): Store<S, E> {
  const listeners = new Set<() => void>();
  let state = parts.initial;
  let open = false;
  let close: Unsubscribe | undefined;
  let current = newLife();

  function newLife() {
    let over = false;
    return {
      life: {
        send: (event: E) => {
          if (!over) apply(event);
        },
        over: () => over,
      },
      end: () => {
        over = true;
      },
    };
  }

  function become(next: S) {
    if (Object.is(next, state)) return;
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function apply(event: E) {
    become(parts.reduce(state, event));
  }

  function end() {
    if (!open || listeners.size > 0) return;
    open = false;
    current.end();
    close?.();
    close = undefined;
    become(parts.left(state));
  }

  return {
    get: () => state,
    subscribe(listener) {
      // A wrapper, so that one function given twice is two listeners.
      const mine = () => listener();
      listeners.add(mine);
      if (!open) {
        open = true;
        if (current.life.over()) current = newLife();
        close = parts.open?.(current.life);
      }
      return () => {
        listeners.delete(mine);
        if (listeners.size === 0) queueMicrotask(end);
      };
    },
    send: (event) => current.life.send(event),
    life: () => current.life,
  };
}
