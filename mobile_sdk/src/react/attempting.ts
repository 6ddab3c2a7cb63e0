import type { MediaIntegrityClient, MediaIntegrityErrorFields } from "../types/index.js";
import { attemptOf, type AttemptEvent, type Attempts } from "./attempts-machine.js";
import { failureOf } from "./failure.js";
import type { Store } from "./store.js";

/**
 * How an action ended; a hook's actions never reject, so a button may call them as they are.
 * `ignored`: it was under way already, made no sense now, or the hook was gone; nothing was sent.
 */
export type Result<T> =
  | { readonly result: "done"; readonly value: T }
  | { readonly result: "failed"; readonly error: MediaIntegrityErrorFields }
  | { readonly result: "ignored" };

export const IGNORED: { readonly result: "ignored" } = { result: "ignored" };

/** Runs one action, told to a store that keeps its attempts at `select`. */
export async function attempt<S, V, T>(
  client: MediaIntegrityClient,
  store: Pick<Store<S, AttemptEvent<V>>, "get" | "life">,
  select: (state: S) => Attempts<V>,
  name: string,
  run: () => Promise<T>,
  valueOf: (value: T) => V,
): Promise<Result<T>> {
  const life = store.life();
  if (life.over() || attemptOf(select(store.get()), name).state === "busy") return IGNORED;
  life.send({ type: "begun", name });
  try {
    const value = await run();
    life.send({ type: "done", name, value: valueOf(value) });
    return { result: "done", value };
  } catch (cause) {
    const error = failureOf(cause, client);
    life.send({ type: "failed", name, error });
    return { result: "failed", error };
  }
}

export const noValue = (): null => null;
