import { afterEach, expect, test } from "vitest";

import { parseActions, replaces } from "../../src/client/actions.js";
import { queueKey } from "../../src/client/queue.js";
import { memoryStore } from "../../src/client/stores.js";
import type { CaseView, ReportInput, WithId } from "../../src/types/client.js";
import type { Notification, Report } from "../../src/types/generated/documents.js";
import { hasDocument, objectNames, putDocument } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import { proxyFor, type Proxy } from "../support/proxy.js";
import { stack } from "../support/stack.js";
import { CONNECTED, deviceFiles } from "../support/uploads.js";
import { until } from "../support/wait.js";
import {
  blockedCase,
  device,
  EXPLANATION,
  newCaseId,
  rejection,
  switchedConnectivity,
  watched,
} from "./making.js";

const proxies: Proxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function proxied(service: "functions" | "firestore" | "storage"): Promise<Proxy> {
  const proxy = await proxyFor(stack().ports[service]);
  proxies.push(proxy);
  return proxy;
}

const appeal = (caseId: string) =>
  ({ caseId, reason: "art_or_parody", explanation: EXPLANATION }) as const;

const report = (changes: Partial<ReportInput> = {}): ReportInput => ({
  kind: "impersonation",
  media: [{ url: `https://example.com/${newCaseId()}` }],
  description: "Somebody pretends to be me.",
  victim: { name: "Maria Muster", mail: "maria@example.com" },
  ...changes,
});

const isEmpty = (client: { queue(): readonly unknown[] }) => () => client.queue().length === 0;

test("a report without a connection is kept, sent once there is one, and then forgotten", async () => {
  const [connectivity, store, files] = [switchedConnectivity(false), memoryStore(), deviceFiles()];
  const { client, person, events } = await device({ connectivity, store, files });

  const sent = await client.submitReport(report({ files: [pngFile()] }));

  expect(sent).toMatchObject({ sent: false, queued: { kind: "report" } });
  expect(client.queue()).toHaveLength(1);
  expect(JSON.stringify(client.queue())).not.toContain("Muster");
  expect(await store.getItem(queueKey(person.uid))).toContain("Muster");

  connectivity.set(true);
  await until(isEmpty(client), "the queue to be done");

  expect(await store.getItem(queueKey(person.uid))).toBeNull();
  expect(files.bookmarks()).toEqual([]);
  expect(events.map(({ kind }) => kind)).toEqual(["queued", "sent"]);
  const list = watched<readonly WithId<Report>[]>((...to) => client.watchReports(...to));
  const [made, ...more] = await list.until((found) => found.length > 0, "the report");
  expect(more).toEqual([]);
  expect(made?.evidencePaths).toEqual(await objectNames(`reports/${person.uid}/`));
  expect(made?.evidencePaths).toHaveLength(1);
});

test("what the network swallows is sent again, and is one report", async () => {
  const functions = await proxied("functions");
  const { client } = await device(
    { connectivity: CONNECTED },
    { ports: { functions: functions.port } },
  );
  functions.cutBeforeAnswer();

  const sent = await client.submitReport(report());

  expect(sent.sent).toBe(false);
  functions.mend();
  await until(isEmpty(client), "the queue to be done");
  const list = watched<readonly WithId<Report>[]>((...to) => client.watchReports(...to));
  expect(await list.until((found) => found.length > 0, "the report")).toHaveLength(1);
});

test("an appeal waits for Firestore's connection", async () => {
  const firestore = await proxied("firestore");
  const { client, person } = await device(
    { connectivity: CONNECTED },
    { ports: { firestore: firestore.port } },
  );
  const caseId = await blockedCase(person.uid);
  firestore.cut();

  const sent = await client.submitAppeal(appeal(caseId));

  expect(sent).toMatchObject({ sent: false, queued: { kind: "appeal", caseId } });
  expect(await hasDocument(`media_integrity_appeals/${caseId}`)).toBe(false);
  expect(await rejection(client.submitAppeal(appeal(caseId)))).toMatchObject({
    code: "conflict",
    reason: "appeal_queued",
  });
  firestore.mend();
  await until(isEmpty(client), "the queue to be done");
  expect(await hasDocument(`media_integrity_appeals/${caseId}`)).toBe(true);
});

test("an appeal with its files survives a restart of the app", async () => {
  const [store, files, person] = [memoryStore(), deviceFiles(), await signUp()];
  const caseId = await blockedCase(person.uid);
  const first = await device(
    { connectivity: switchedConnectivity(false), store, files },
    { person },
  );
  await first.client.submitAppeal({ ...appeal(caseId), files: [pngFile("proof.png")] });
  first.client.close();

  const second = await device({ store, files }, { person });
  await until(() => hasDocument(`media_integrity_appeals/${caseId}`), "the appeal");

  await until(isEmpty(second.client), "the queue to be done");
  expect(await objectNames(`appeals/${person.uid}/${caseId}/`)).toHaveLength(1);
  expect(await store.getItem(queueKey(person.uid))).toBeNull();
});

test("another account on the phone neither sees nor sends what was queued", async () => {
  const [connectivity, store] = [switchedConnectivity(false), memoryStore()];
  const { client, person, app } = await device({ connectivity, store });
  const caseId = await blockedCase(person.uid);
  await client.submitAppeal(appeal(caseId));

  await app.signOut();
  await app.signIn(await signUp("other"));
  await until(isEmpty(client), "the other's queue");
  connectivity.set(true);
  // What the other does meanwhile comes back after anything that was sent before it.
  await client.submitReport(report());

  expect(await hasDocument(`media_integrity_appeals/${caseId}`)).toBe(false);
  expect(await store.getItem(queueKey(person.uid))).toContain(caseId);

  await app.signIn(person);
  await until(() => hasDocument(`media_integrity_appeals/${caseId}`), "the appeal");
});

test("what is refused for good is dropped, and told as an event", async () => {
  const connectivity = switchedConnectivity(false);
  const { client, person, events } = await device({ connectivity });
  const caseId = await blockedCase(person.uid, { appealable: false });
  await client.submitAppeal(appeal(caseId));

  connectivity.set(true);
  await until(isEmpty(client), "the queue to be done");

  expect(events.at(-1)).toMatchObject({
    kind: "dropped",
    action: "appeal",
    code: "forbidden",
    reason: "not_appealable",
  });
});

test("one that is refused does not keep others from being sent", async () => {
  const connectivity = switchedConnectivity(false);
  const { client, person, events } = await device({ connectivity });
  const refused = await blockedCase(person.uid, { appealable: false });
  const taken = await blockedCase(person.uid);
  await client.submitAppeal(appeal(refused));
  await client.submitAppeal(appeal(taken));

  connectivity.set(true);
  await until(isEmpty(client), "the queue to be done");

  expect(events.map(({ kind }) => kind)).toEqual(["queued", "queued", "dropped", "sent"]);
  expect(await hasDocument(`media_integrity_appeals/${taken}`)).toBe(true);
});

test("files that cannot be kept are not left out: the appeal is not queued", async () => {
  // Node has no IndexedDB, as some private windows have none.
  const { client, person } = await device({ connectivity: switchedConnectivity(false) });
  const caseId = await blockedCase(person.uid);

  const error = await rejection(client.submitAppeal({ ...appeal(caseId), files: [pngFile()] }));

  expect(error.code).toBe("offline");
  expect(client.queue()).toEqual([]);
});

test("a notification that is read twice without a connection is read once", async () => {
  const connectivity = switchedConnectivity(false);
  const { client, person, events } = await device({ connectivity });
  const id = newCaseId();
  await putDocument(`victim_notifications/${id}`, {
    userId: person.uid,
    kind: "upload_held",
    createdAt: new Date(),
    readAt: null,
    expireAt: new Date(Date.now() + 86_400_000),
  });

  await client.markNotificationRead(id);
  await client.markNotificationRead(id);
  expect(client.queue()).toHaveLength(1);
  connectivity.set(true);
  await until(isEmpty(client), "the queue to be done");

  const list = watched<readonly WithId<Notification>[]>((...to) =>
    client.watchNotifications(...to),
  );
  await list.until((found) => found[0]?.readAt instanceof Date, "the word that it was read");
  expect(events.map(({ kind }) => kind)).toEqual(["queued", "queued", "sent"]);
  expect(await client.markNotificationRead(id)).toMatchObject({ sent: true });
});

test("nobody who is signed out has a queue", async () => {
  const { client, app } = await device();
  await app.signOut();

  expect((await rejection(client.submitReport(report()))).code).toBe("unauthenticated");
});

test("the queue's list is the same object until it changes", async () => {
  const connectivity = switchedConnectivity(false);
  const { client } = await device({ connectivity });
  const lists: unknown[] = [];
  client.onQueue((list) => lists.push(list));
  const before = client.queue();

  await client.submitReport(report());

  expect(client.queue()).not.toBe(before);
  expect(client.queue()).toBe(client.queue());
  expect(lists.at(-1)).toBe(client.queue());
});

test("the case's watch goes on from before an appeal that was queued to after it", async () => {
  const connectivity = switchedConnectivity(false);
  const { client, person } = await device({ connectivity });
  const caseId = await blockedCase(person.uid);
  const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));
  await view.until((found) => found?.mayAppeal === true, "the case");

  await client.submitAppeal(appeal(caseId));
  connectivity.set(true);

  await view.until((found) => found?.appeal != null && !found.mayAppeal, "the appeal");
});

test("a no takes the place of a yes that was not sent, and of nothing else", () => {
  const answer = (said: "confirm" | "refuse" | "take_back", requestId = "a") =>
    ({ kind: "consent-answer", key: { requestId }, answer: said }) as const;
  const match = (said: "agree" | "not_me" | "refuse") =>
    ({ kind: "shield-answer", caseId: "c", answer: said }) as const;

  expect(replaces(answer("refuse"), answer("confirm"))).toBe(true);
  expect(replaces(answer("refuse"), answer("confirm", "b"))).toBe(false);
  expect(replaces(answer("confirm"), answer("refuse"))).toBe(false);
  expect(replaces(answer("take_back"), answer("refuse"))).toBe(false);
  expect(replaces(match("refuse"), match("agree"))).toBe(true);
  expect(replaces(match("agree"), match("refuse"))).toBe(false);
});

test("what is stored and not understood is left out", () => {
  const read = {
    id: "1",
    kind: "read",
    notificationId: "n",
    queuedAt: "2026-01-01T00:00:00Z",
    tries: 0,
  };
  const stored = [
    read,
    { ...read, kind: "of a newer version" },
    { ...read, queuedAt: "never" },
    { ...read, kind: "appeal" },
    null,
  ];

  expect(parseActions(JSON.stringify(stored))).toEqual([read]);
  expect(parseActions("{")).toEqual([]);
  expect(parseActions(null)).toEqual([]);
});
