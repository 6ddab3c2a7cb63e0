import { useMemo } from "react";

import type { Language, MediaIntegrityClient, QueuedAction } from "../types/index.js";
import { useStore, type Readable } from "./keyed.js";
import { useProvided } from "./provider.js";
import { useSession } from "./session.js";
import { createStore } from "./store.js";
import type { UserState } from "./user-machine.js";

export interface MediaIntegrity {
  readonly client: MediaIntegrityClient;
  readonly language: Language;
  readonly user: UserState;
  /** Whether there is a connection, as far as the device knows. */
  readonly online: boolean;
  /** What waits for one; done by itself. */
  readonly queue: readonly QueuedAction[];
}

interface Surroundings {
  readonly online: Readable<boolean>;
  readonly queue: Readable<readonly QueuedAction[]>;
}

const surroundings = new WeakMap<MediaIntegrityClient, Surroundings>();

/** The client's own snapshots may be new objects each time; React needs the same one. */
function surroundingsOf(client: MediaIntegrityClient): Surroundings {
  const known = surroundings.get(client);
  if (known !== undefined) return known;
  const made: Surroundings = {
    online: createStore<boolean, boolean>({
      initial: client.online(),
      reduce: (_, online) => online,
      open: (life) => {
        life.send(client.online());
        return client.onOnline(life.send);
      },
      left: (online) => online,
    }),
    queue: createStore<readonly QueuedAction[], readonly QueuedAction[]>({
      initial: client.queue(),
      reduce: (_, queue) => queue,
      open: (life) => {
        life.send(client.queue());
        return client.onQueue(life.send);
      },
      left: (queue) => queue,
    }),
  };
  surroundings.set(client, made);
  return made;
}

/**
 * The client itself and what surrounds it: who is signed in, the connection, what waits for it.
 *
 * @example
 * ```tsx
 * const { user, online, queue } = useMediaIntegrity();
 * if (!online) return <Text>{queue.length} to be sent</Text>;
 * ```
 */
export function useMediaIntegrity(): MediaIntegrity {
  const { client, language } = useProvided();
  const { user } = useSession();
  const around = surroundingsOf(client);
  const online = useStore(around.online);
  const queue = useStore(around.queue);
  return useMemo(
    () => ({ client, language, user, online, queue }),
    [client, language, user, online, queue],
  );
}
