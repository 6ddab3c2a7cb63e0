import type { MediaIntegrityErrorFields } from "../types/index.js";

/** How one action of a hook stands. `done` and `failed` stay until it is begun again. */
export type Attempt<T = null> =
  | { readonly state: "idle" }
  | { readonly state: "busy" }
  | { readonly state: "done"; readonly value: T }
  | { readonly state: "failed"; readonly error: MediaIntegrityErrorFields };

/** By name of the action, or by the id of what it is about. */
export type Attempts<T = null> = Readonly<Record<string, Attempt<T>>>;

export type AttemptEvent<T = null> =
  | { readonly type: "begun"; readonly name: string }
  | { readonly type: "done"; readonly name: string; readonly value: T }
  | { readonly type: "failed"; readonly name: string; readonly error: MediaIntegrityErrorFields }
  | { readonly type: "dismissed"; readonly name: string };

export const IDLE_ATTEMPT: { readonly state: "idle" } = { state: "idle" };

export function attemptOf<T>(attempts: Attempts<T>, name: string): Attempt<T> {
  return Object.hasOwn(attempts, name) ? (attempts[name] ?? IDLE_ATTEMPT) : IDLE_ATTEMPT;
}

/** One of a name at a time; only what is busy can come to an end. */
export function reduceAttempts<T>(attempts: Attempts<T>, event: AttemptEvent<T>): Attempts<T> {
  const busy = attemptOf(attempts, event.name).state === "busy";
  switch (event.type) {
    case "begun":
      return busy ? attempts : { ...attempts, [event.name]: { state: "busy" } };
    case "done":
      return busy ? { ...attempts, [event.name]: { state: "done", value: event.value } } : attempts;
    case "failed":
      return busy
        ? { ...attempts, [event.name]: { state: "failed", error: event.error } }
        : attempts;
    case "dismissed":
      return busy || !Object.hasOwn(attempts, event.name)
        ? attempts
        : without(attempts, event.name);
  }
}

/** After the hook has gone nobody waits for what was busy. */
export function attemptsLeft<T>(attempts: Attempts<T>): Attempts<T> {
  return Object.fromEntries(
    Object.entries(attempts).filter(([, attempt]) => attempt.state !== "busy"),
  );
}

function without<T>(attempts: Attempts<T>, name: string): Attempts<T> {
  return Object.fromEntries(Object.entries(attempts).filter(([each]) => each !== name));
}
