import type { MediaIntegrityClient, OnError, Unsubscribe } from "../types/index.js";
import { failureOf } from "./failure.js";
import { LOADING, reduceWatch, type WatchEvent, type Watched } from "./watch-machine.js";

/** One thing that any number of hooks look at through one listener. */
export interface Watch<T> {
  readonly get: () => Watched<T>;
  readonly subscribe: (listener: () => void) => Unsubscribe;
  /** Begins anew after a failure; else nothing. */
  readonly retry: () => void;
}

/** Begins to look at `argument`, for whoever is signed in. */
export type StartWatch<T> = (
  client: MediaIntegrityClient,
  argument: string,
  next: (value: T) => void,
  fail: OnError,
) => Unsubscribe;

interface Running<T> {
  watched: Watched<T>;
  stop: Unsubscribe;
  readonly listeners: Set<() => void>;
}

/**
 * A kind of watch. All hooks of one client, account and argument share one listener and so agree
 * with each other; it ends with the last of them. Nobody sees what was there for another account.
 */
export function sharedWatch<T>(
  start: StartWatch<T>,
): (client: MediaIntegrityClient, userId: string, argument?: string) => Watch<T> {
  const clients = new WeakMap<MediaIntegrityClient, Map<string, Running<T>>>();

  function begin(client: MediaIntegrityClient, userId: string, argument: string, run: Running<T>) {
    let over = false;
    const send = (event: WatchEvent<T>) => {
      if (over) return;
      const next = reduceWatch(run.watched, event);
      if (next === run.watched) return;
      run.watched = next;
      for (const listener of [...run.listeners]) listener();
    };
    // The account has changed between drawing and listening: the hooks are about to follow.
    const stop =
      client.userId() === userId
        ? startSafely(
            () =>
              start(
                client,
                argument,
                (value) => send({ type: "value", value }),
                (error) => send({ type: "failed", error }),
              ),
            (error) => send({ type: "failed", error: failureOf(error, client) }),
          )
        : () => undefined;
    run.stop = () => {
      over = true;
      stop();
    };
  }

  return (client, userId, argument = "") => {
    const key = JSON.stringify([userId, argument]);
    const running = () => clients.get(client)?.get(key);
    return {
      get: () => running()?.watched ?? LOADING,
      subscribe(listener) {
        const all = clients.get(client) ?? new Map<string, Running<T>>();
        clients.set(client, all);
        let run = all.get(key);
        const mine = () => listener();
        if (run === undefined) {
          run = { watched: LOADING, stop: () => undefined, listeners: new Set([mine]) };
          all.set(key, run);
          begin(client, userId, argument, run);
        } else {
          run.listeners.add(mine);
        }
        const joined = run;
        return () => {
          joined.listeners.delete(mine);
          // Put off as in `createStore`: StrictMode comes back in the same go.
          queueMicrotask(() => {
            if (joined.listeners.size > 0 || all.get(key) !== joined) return;
            all.delete(key);
            joined.stop();
          });
        };
      },
      retry() {
        const run = running();
        if (run?.watched.state !== "failed") return;
        run.stop();
        run.watched = LOADING;
        for (const listener of [...run.listeners]) listener();
        begin(client, userId, argument, run);
      },
    };
  };
}

function startSafely(start: () => Unsubscribe, fail: (error: unknown) => void): Unsubscribe {
  try {
    return start();
  } catch (error) {
    fail(error);
    return () => undefined;
  }
}

/** A question that is asked once and answered once, in the shape of a watch. */
export function askOnce<T>(
  ask: (client: MediaIntegrityClient, argument: string) => Promise<T>,
): StartWatch<T> {
  return (client, argument, next, fail) => {
    ask(client, argument).then(next, (error: unknown) => fail(failureOf(error, client)));
    return () => undefined;
  };
}
