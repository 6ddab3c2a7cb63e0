import { useMemo, useSyncExternalStore } from "react";

import type { MediaIntegrityClient } from "../types/index.js";
import { useClient } from "./provider.js";
import { createStore, type Store } from "./store.js";
import { firstSession, reduceUser, type Session, type UserEvent } from "./user-machine.js";

const sessions = new WeakMap<MediaIntegrityClient, Store<Session, UserEvent>>();

function sessionStore(client: MediaIntegrityClient): Store<Session, UserEvent> {
  const known = sessions.get(client);
  if (known !== undefined) return known;
  const store = createStore<Session, UserEvent>({
    initial: firstSession(client.userId()),
    reduce: reduceUser,
    open: (life) => client.onUser((userId) => life.send({ type: "user", userId })),
    left: (session) => session,
  });
  sessions.set(client, store);
  return store;
}

/** The client, and whoever is signed in, for the hooks. */
export interface ClientSession extends Session {
  readonly client: MediaIntegrityClient;
  /** Null while nobody is signed in, or it is not known yet. */
  readonly userId: string | null;
}

export function useSession(): ClientSession {
  const client = useClient();
  const store = sessionStore(client);
  const session = useSyncExternalStore(store.subscribe, store.get, store.get);
  return useMemo(
    () => ({
      ...session,
      client,
      userId: session.user.state === "signed-in" ? session.user.userId : null,
    }),
    [client, session],
  );
}
