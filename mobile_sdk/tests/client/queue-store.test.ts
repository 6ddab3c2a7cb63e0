/** The queue and its store, without a backend. */

import { expect, onTestFinished, test } from "vitest";

import { createFaults } from "../../src/client/faults.js";
import { createQueue, queueKey, type Kind, type Performers } from "../../src/client/queue.js";
import { memoryStore } from "../../src/client/stores.js";
import type { ClientEvent } from "../../src/types/client.js";
import type { KeyValueStore } from "../../src/types/port.js";
import { deviceFiles } from "../support/uploads.js";
import { until } from "../support/wait.js";
import { switchedConnectivity } from "./making.js";

/** Who is signed in, as the test says. */
function switchedSession(first: string | null) {
  const listeners = new Set<(userId: string | null) => void>();
  let userId = first;
  return {
    userId: () => userId,
    known: Promise.resolve(first),
    onChange: (listener: (userId: string | null) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => undefined,
    set: (now: string | null) => {
      userId = now;
      for (const listener of [...listeners]) listener(now);
    },
  };
}

function queueOf(store: KeyValueStore, person: string | null) {
  const [session, connectivity] = [switchedSession(person), switchedConnectivity(false)];
  const done: { readonly kind: Kind; readonly by: string | null; readonly what: string }[] = [];
  const events: ClientEvent[] = [];
  const did = (kind: Kind, what: string, stillTheirs: () => void): void => {
    stillTheirs();
    done.push({ kind, by: session.userId(), what });
  };
  const never = async (): Promise<never> => {
    throw new Error("not of these tests");
  };
  const performers: Performers = {
    appeal: async ({ caseId }, stillTheirs) => {
      did("appeal", caseId, stillTheirs);
      return undefined;
    },
    "consent-answer": async ({ key, answer }, stillTheirs) => {
      did("consent-answer", `${"token" in key ? key.token : key.requestId} ${answer}`, stillTheirs);
      return { requestId: "request", answer, offers: [], text: "" };
    },
    report: never,
    "shield-answer": never,
    read: async ({ notificationId }, stillTheirs) => {
      did("read", notificationId, stillTheirs);
      return undefined;
    },
  };
  const onEvent = (event: ClientEvent): void => void events.push(event);
  const queue = createQueue({
    session,
    store,
    connectivity,
    files: deviceFiles(),
    performers,
    faults: createFaults("en", onEvent),
    onEvent,
  });
  onTestFinished(queue.close);
  return { queue, session, connectivity, done, events };
}

/** As a browser's where it is full, or a private window. */
function fullStore(): KeyValueStore & { readonly mend: () => void } {
  const store = memoryStore();
  let isFull = true;
  return {
    ...store,
    setItem: async (key, value) => {
      if (isFull) throw new Error("QuotaExceededError");
      await store.setItem(key, value);
    },
    mend: () => {
      isFull = false;
    },
  };
}

const appeal = (caseId: string) =>
  ({
    kind: "appeal",
    caseId,
    reason: "art_or_parody",
    explanation: "I painted it.",
    files: [],
  }) as const;
const byLink = (answer: "confirm" | "refuse", token = "token") =>
  ({ kind: "consent-answer", key: { token }, answer }) as const;
const isDone = (queue: { list(): readonly unknown[] }) => () => queue.list().length === 0;

test("what the store does not take is sent all the same, once there is a connection", async () => {
  const { queue, connectivity, done, events } = queueOf(fullStore(), "anna");

  expect(await queue.submit(appeal("one"))).toMatchObject({ sent: false });
  expect(await queue.submit(appeal("two"))).toMatchObject({ sent: false });
  expect(queue.list()).toHaveLength(2);
  connectivity.set(true);
  await until(isDone(queue), "the queue to be done");

  expect(done.map(({ what }) => what)).toEqual(["one", "two"]);
  expect(events.filter(({ kind }) => kind === "sent")).toHaveLength(2);
});

test("what the store did not take is stored as soon as it takes something", async () => {
  const store = fullStore();
  const { queue } = queueOf(store, "anna");
  await queue.submit(appeal("one"));

  store.mend();
  await queue.submit(appeal("two"));

  const text = await store.getItem(queueKey("anna"));
  expect(text?.match(/"caseId":"\w+"/g)).toEqual(['"caseId":"one"', '"caseId":"two"']);
});

test("what the store did not take waits for its account, and no other sends it", async () => {
  const { queue, session, connectivity, done } = queueOf(fullStore(), "anna");
  await queue.submit(appeal("one"));

  session.set("ben");
  connectivity.set(true);
  await queue.submit({ kind: "read", notificationId: "note" });
  expect(done.map(({ by }) => by)).toEqual(["ben"]);

  session.set("anna");
  await until(() => done.length === 2, "the appeal");
  expect(done[1]).toEqual({ kind: "appeal", by: "anna", what: "one" });
});

test("what another tab has done is not done again", async () => {
  const store = memoryStore();
  const { queue, connectivity, done } = queueOf(store, "anna");
  await queue.submit(appeal("one"));

  await store.removeItem(queueKey("anna"));
  connectivity.set(true);
  await until(isDone(queue), "the queue to be done");

  expect(done).toEqual([]);
});

test("an answer by a link that nobody gave is sent whoever signs in, and is not theirs to see", async () => {
  const store = memoryStore();
  const { queue, session, connectivity, done } = queueOf(store, null);
  await queue.submit(byLink("confirm"));
  expect(queue.list()).toHaveLength(1);

  session.set("anna");
  expect(queue.list()).toEqual([]);
  connectivity.set(true);
  await until(() => done.length === 1, "the answer");

  expect(done[0]).toMatchObject({ by: "anna", what: "token confirm" });
  await until(async () => (await store.getItem(queueKey(null))) === null, "the store to be empty");
});

test("after a restart too, and beside what is theirs", async () => {
  const store = memoryStore();
  const first = queueOf(store, null);
  await first.queue.submit(byLink("confirm"));
  first.queue.close();

  const { queue, connectivity, done } = queueOf(store, "anna");
  await queue.submit(appeal("one"));
  connectivity.set(true);
  await until(() => done.length === 2, "both");

  expect(done.map(({ what }) => what)).toEqual(["token confirm", "one"]);
  expect(await store.getItem(queueKey("anna"))).toBeNull();
});

test("a no of somebody who has signed in since takes the place of nobody's yes", async () => {
  const { queue, session, connectivity, done } = queueOf(memoryStore(), null);
  await queue.submit(byLink("confirm"));
  session.set("anna");

  await queue.submit(byLink("refuse"));
  connectivity.set(true);
  await until(isDone(queue), "the queue to be done");

  expect(done.map(({ what }) => what)).toEqual(["token refuse"]);
});
