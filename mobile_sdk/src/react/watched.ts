import { useMemo } from "react";

import type { MediaIntegrityClient, MediaIntegrityErrorFields } from "../types/index.js";
import { useKeyed, useStore, type Readable } from "./keyed.js";
import { useSession } from "./session.js";
import type { Watch } from "./shared-watch.js";
import type { UserState } from "./user-machine.js";
import { LOADING, type Watched } from "./watch-machine.js";

/** What every hook that looks at something may answer before it has it. */
export type NotReady =
  | { readonly state: "loading" }
  | { readonly state: "signed-out" }
  /** It ended; `retry` begins anew. */
  | {
      readonly state: "failed";
      readonly error: MediaIntegrityErrorFields;
      readonly retry: () => void;
    };

/** Asked for nothing: the hook was given null. */
export interface Idle {
  readonly state: "idle";
}

const NOTHING: Watch<never> = {
  get: () => LOADING,
  subscribe: () => () => undefined,
  retry: () => undefined,
};

export const SIGNED_OUT: NotReady = { state: "signed-out" };
export const IDLE: Idle = { state: "idle" };

export interface Look<T> {
  readonly user: UserState;
  readonly watched: Watched<T>;
  readonly retry: () => void;
}

/** Looks at `argument` for whoever is signed in; null looks at nothing. */
export function useWatch<T>(
  watchOf: (client: MediaIntegrityClient, userId: string, argument?: string) => Watch<T>,
  argument: string | null,
): Look<T> {
  const { client, user, userId, session } = useSession();
  const watch: Watch<T> = useKeyed([client, watchOf, session, userId, argument], () =>
    userId === null || argument === null ? NOTHING : watchOf(client, userId, argument),
  );
  const watched = useStore<Watched<T>>(watch satisfies Readable<Watched<T>>);
  return useMemo(() => ({ user, watched, retry: watch.retry }), [user, watched, watch]);
}

/** What a hook answers: what is common to all, or what `ready` makes of the value. */
export function settled<T, R>(
  { user, watched, retry }: Look<T>,
  ready: (value: T) => R,
): NotReady | R {
  if (user.state === "signed-out") return SIGNED_OUT;
  if (user.state === "unknown") return LOADING;
  switch (watched.state) {
    case "loading":
      return LOADING;
    case "failed":
      return { state: "failed", error: watched.error, retry };
    case "ready":
      return ready(watched.value);
  }
}
