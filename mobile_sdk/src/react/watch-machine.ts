import type { MediaIntegrityErrorFields } from "../types/index.js";

/** What is known of something that is watched. */
export type Watched<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly error: MediaIntegrityErrorFields };

export type WatchEvent<T> =
  | { readonly type: "value"; readonly value: T }
  | { readonly type: "failed"; readonly error: MediaIntegrityErrorFields }
  | { readonly type: "restarted" };

export const LOADING: { readonly state: "loading" } = { state: "loading" };

/** A failed watch has ended: only beginning anew brings something again. */
export function reduceWatch<T>(watched: Watched<T>, event: WatchEvent<T>): Watched<T> {
  switch (event.type) {
    case "value":
      return watched.state === "failed" ? watched : { state: "ready", value: event.value };
    case "failed":
      return watched.state === "failed" ? watched : { state: "failed", error: event.error };
    case "restarted":
      return LOADING;
  }
}
