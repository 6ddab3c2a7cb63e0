/** Hooks under StrictMode, on real clients over the real emulators. */

import { Blob as WholeBlob, File as WholeFile } from "node:buffer";

import { act, cleanup, renderHook, type RenderHookResult } from "@testing-library/react";
import { StrictMode, type ReactNode } from "react";

import { createMediaIntegrityClient } from "../../src/client/index.js";
import { MediaIntegrityProvider } from "../../src/react/index.js";
import type {
  ClientOptions,
  Connectivity,
  FirebasePort,
  MediaIntegrityClient,
  Unsubscribe,
} from "../../src/types/index.js";
import type { Person } from "../support/people.js";
import { webApp, type TestApp } from "../support/port.js";
import { until } from "../support/wait.js";

// jsdom's own cannot be read by `fetch`, which a browser's can.
Object.assign(globalThis, { Blob: WholeBlob, File: WholeFile });

/** Every change of state that a hook shows is let through to React, as it would be in an app. */
export interface World {
  readonly client: MediaIntegrityClient;
  readonly app: TestApp;
  /** Listeners that are open now, by what they listen to. */
  readonly listeners: () => readonly string[];
  /** Calls of functions so far, by name. */
  readonly calls: (name: string) => number;
  readonly setOnline: (online: boolean) => void;
}

const opened: World[] = [];

/** A device with somebody signed in. */
export async function world(person: Person | null, options: ClientOptions = {}): Promise<World> {
  const app = await webApp(person);
  const counted = countingPort(app.port);
  const connection = switchable();
  const client = createMediaIntegrityClient({
    firebase: counted.port,
    options: { connectivity: connection, ...options },
  });
  const made = { client, app, ...counted, setOnline: connection.set };
  opened.push(made);
  return made;
}

/** For `afterEach`: unmounts everything and ends the clients. */
export async function endWorlds(): Promise<void> {
  cleanup();
  for (const { client, app } of opened.splice(0)) {
    client.close();
    await app.close();
  }
}

/** The real port; it only counts. */
function countingPort(port: FirebasePort) {
  const live = new Set<{ readonly what: string }>();
  const calls = new Map<string, number>();
  const counted = (what: string, stop: Unsubscribe): Unsubscribe => {
    const entry = { what };
    live.add(entry);
    return () => {
      live.delete(entry);
      stop();
    };
  };
  const counting: FirebasePort = {
    projectId: port.projectId,
    bucket: port.bucket,
    storageOrigin: port.storageOrigin,
    userId: () => port.userId(),
    onUser: (listener) => counted("user", port.onUser(listener)),
    idToken: (options) => port.idToken(options),
    appCheckToken: (options) => port.appCheckToken(options),
    call: (name, data, options) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return port.call(name, data, options);
    },
    watchDocument: (path, listener, onError) =>
      counted(path, port.watchDocument(path, listener, onError)),
    watchQuery: (query, listener, onError) =>
      counted(query.collection, port.watchQuery(query, listener, onError)),
    createDocument: (path, fields) => port.createDocument(path, fields),
    updateDocument: (path, fields) => port.updateDocument(path, fields),
  };
  return {
    port: counting,
    listeners: () => [...live].map(({ what }) => what).filter((what) => what !== "user"),
    calls: (name: string) => calls.get(name) ?? 0,
  };
}

function switchable(): Connectivity & { readonly set: (online: boolean) => void } {
  let isOnline = true;
  const listeners = new Set<(online: boolean) => void>();
  return {
    online: () => isOnline,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (online) => {
      isOnline = online;
      for (const listener of [...listeners]) listener(online);
    },
  };
}

/** A hook in a tree of its own. */
export interface Shown<T> {
  readonly now: () => T;
  /** The first state for which `check` gives something, and what it gave. */
  readonly until: <R>(
    check: (value: T) => R,
    what: string,
  ) => Promise<Exclude<R, undefined | null | false>>;
  readonly unmount: () => void;
}

export function show<T>(
  { client }: Pick<World, "client">,
  useIt: () => T,
  isStrict = true,
): Shown<T> {
  const wrapper = ({ children }: { readonly children: ReactNode }) => {
    const inside = <MediaIntegrityProvider client={client}>{children}</MediaIntegrityProvider>;
    return isStrict ? <StrictMode>{inside}</StrictMode> : inside;
  };
  const shown: RenderHookResult<T, unknown> = renderHook(useIt, { wrapper });
  const now = () => shown.result.current;
  return {
    now,
    until: (check, what) =>
      until(async () => {
        await act(async () => undefined);
        return check(now());
      }, what),
    unmount: shown.unmount,
  };
}
