/** What the tests of the client's capabilities share. */

import { randomBytes } from "node:crypto";
import { openAsBlob } from "node:fs";
import { basename } from "node:path";

import { onTestFinished } from "vitest";

import { createMediaIntegrityClient } from "../../src/client/create.js";
import { MediaIntegrityError } from "../../src/client/errors.js";
import type { ClientEvent, ClientOptions, MediaIntegrityClient } from "../../src/types/client.js";
import type { Connectivity, FileOpener, OpenFile } from "../../src/types/port.js";
import type { Stack } from "../support/stack.js";
import { putDocument } from "../support/admin.js";
import { signUp, type Person } from "../support/people.js";
import { webApp, type TestApp } from "../support/port.js";
import { until } from "../support/wait.js";

export interface Device {
  readonly person: Person;
  readonly client: MediaIntegrityClient;
  readonly app: TestApp;
  readonly events: readonly ClientEvent[];
}

/** Somebody's phone with the app on it. It is put away at the end of the test. */
export async function device(
  options: ClientOptions = {},
  {
    person,
    ports = {},
  }: { readonly person?: Person; readonly ports?: Partial<Stack["ports"]> } = {},
): Promise<Device> {
  const whose = person ?? (await signUp());
  const app = await webApp(whose, ports);
  const events: ClientEvent[] = [];
  const client = createMediaIntegrityClient({
    firebase: app.port,
    options: { onEvent: (event) => events.push(event), ...options },
  });
  onTestFinished(async () => {
    client.close();
    await app.close();
  });
  return { person: whose, client, app, events };
}

/** The error that a promise rejects with: one of ours. */
export async function rejection(promise: Promise<unknown>): Promise<MediaIntegrityError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MediaIntegrityError) return error;
    throw error;
  }
  throw new Error("it did not reject");
}

/** What a watch tells, from the first word to the last. */
export function watched<T>(
  watch: (
    listener: (found: T) => void,
    onError: (error: { readonly code: string }) => void,
  ) => () => void,
) {
  const seen: T[] = [];
  const errors: string[] = [];
  const stop = watch(
    (found) => seen.push(found),
    ({ code }) => errors.push(code),
  );
  onTestFinished(stop);
  return {
    seen,
    errors,
    stop,
    /** The latest that fits, as soon as there is one. */
    until: async (fits: (found: T) => boolean, what: string): Promise<T> => {
      const { last } = await until(() => {
        const [latest] = seen
          .slice(-1)
          .filter(fits)
          .map((last) => ({ last }));
        return latest;
      }, what);
      return last;
    },
    untilError: () => until(() => errors[0], "an error"),
  };
}

/** A connection that the test cuts. */
export function switchedConnectivity(isOnline = true): Connectivity & {
  readonly set: (online: boolean) => void;
} {
  const listeners = new Set<(online: boolean) => void>();
  let online = isOnline;
  return {
    online: () => online,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (now) => {
      online = now;
      for (const listener of [...listeners]) listener(now);
    },
  };
}

/** Files of this machine, by their paths. */
export function diskFiles(): FileOpener {
  const open = async (path: string): Promise<OpenFile> => {
    const blob = await openAsBlob(path);
    return {
      size: blob.size,
      type: "",
      name: basename(path),
      read: async (start, end) => blob.slice(start, end),
      close: () => undefined,
    };
  };
  const pathOf = (source: Parameters<FileOpener["open"]>[0]): string =>
    "uri" in source ? source.uri : "";
  return {
    open: (source) => open(pathOf(source)),
    bookmark: async (source) => pathOf(source),
    reopen: (bookmark) => open(bookmark).catch(() => null),
  };
}

export const EXPLANATION =
  "I painted this picture myself and nobody in it is real. Please look at it once more.";

export const newCaseId = (): string => randomBytes(32).toString("hex");

const DAY_MS = 86_400_000;

export const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** A case as the functions open it for a blocked upload. Gives its id. */
export async function blockedCase(
  uploaderId: string,
  changes: Readonly<Record<string, unknown>> = {},
  victimIds: readonly string[] = [],
): Promise<string> {
  const caseId = newCaseId();
  const now = new Date();
  await putDocument(`media_integrity_cases/${caseId}/private/details`, {
    victimIds,
    source: { bucket: "bucket", name: `uploads/${uploaderId}/upload-1/a.png`, generation: "1" },
    evidence: [],
    findings: [],
  });
  await putDocument(`media_integrity_cases/${caseId}`, {
    uploaderId,
    status: "ACTIONED",
    action: "BLOCK",
    violations: [],
    violation: null,
    severity: "HIGH",
    confidence: 1,
    explanation: [{ code: "face_swapped", text: "A face in it was replaced." }],
    sanction: "NONE",
    needsConfirmation: false,
    appealable: true,
    policyVersion: "1",
    surface: "feed",
    createdAt: now,
    updatedAt: now,
    severityRank: 2,
    ...changes,
  });
  return caseId;
}
