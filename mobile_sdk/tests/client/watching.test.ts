import { expect, test } from "vitest";

import { readAnswer, readDocument } from "../../src/client/reading.js";
import { outcomeOf } from "../../src/client/scans.js";
import type { ScanView, WithId } from "../../src/types/client.js";
import type { Case, ScanJob } from "../../src/types/generated/documents.js";
import { deleteDocument, putDocument } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { until } from "../support/wait.js";
import { blockedCase, device, newCaseId, rejection, watched } from "./making.js";

type Cases = readonly WithId<Case>[];

const NOW = new Date("2026-01-02T03:04:05Z");

const job = (changes: Partial<ScanJob>): WithId<ScanJob> => ({
  id: "job",
  uploaderId: "somebody",
  uploadId: "upload",
  source: { bucket: "b", name: "n", generation: "1" },
  createdAt: NOW,
  updatedAt: NOW,
  ...changes,
});

const VERDICT = { action: "BLOCK", reasons: [], policyVersion: "1" } as const;

test.each([
  ["PENDING", { state: "scanning" }],
  ["SCANNING", { state: "scanning" }],
  ["DECIDED", { state: "scanning" }],
  ["PUBLISHED", { state: "finished", outcome: "published", publishedPath: "p" }],
  ["AWAITING_CONSENT", { state: "finished", outcome: "awaiting-consent", people: 2 }],
  ["HELD", { state: "finished", outcome: "held", caseId: "job" }],
  ["BLOCKED", { state: "finished", outcome: "blocked", caseId: "job" }],
  ["REFUSED", { state: "finished", outcome: "refused", reason: "damaged" }],
] as const)("a job that is %s", (state, expected) => {
  const all = {
    state,
    verdict: VERDICT,
    publishedPath: "p",
    people: { count: 2 },
    refusal: { code: "damaged", text: "It is damaged." },
  };

  expect(outcomeOf(job(all))).toMatchObject({ ...expected, jobId: "job" });
});

test("what is not certain counts as being scanned", () => {
  expect(outcomeOf(job({ state: "PUBLISHED" })).state).toBe("scanning");
  expect(outcomeOf(job({ state: "PUBLISHED", verdict: VERDICT })).state).toBe("scanning");
  expect(outcomeOf(job({}))).toMatchObject({ state: "scanning", step: null, progress: 0 });
  const newer = readDocument("ScanJob", {
    id: "job",
    path: "",
    fields: { ...job({}), state: "OF_A_NEWER_BACKEND" },
  });
  if (newer === null) throw new Error("it was left out");
  expect(outcomeOf(newer).state).toBe("scanning");
});

test("a document is read leniently", () => {
  const fields = {
    uploaderId: "somebody",
    status: "A_NEW_STATUS",
    action: "BLOCK",
    severity: "HIGH",
    confidence: 1,
    explanation: [{ code: "new_code", text: "Words." }, { code: 7 }, null],
    appealable: "perhaps",
    policyVersion: "1",
    surface: "feed",
    createdAt: NOW,
    updatedAt: NOW,
    severityRank: 2,
    ofANewerBackend: true,
  };
  const read = (changes: object) =>
    readDocument("Case", { id: "case", path: "", fields: { ...fields, ...changes } });

  expect(read({})).toEqual({
    id: "case",
    uploaderId: "somebody",
    status: "A_NEW_STATUS",
    action: "BLOCK",
    severity: "HIGH",
    confidence: 1,
    explanation: [{ code: "new_code", text: "Words." }],
    policyVersion: "1",
    surface: "feed",
    createdAt: NOW,
    updatedAt: NOW,
    severityRank: 2,
  });
  expect(read({ createdAt: undefined })).toBeNull();
  expect(read({ explanation: "Words." })).toBeNull();
  expect(read({ decision: null, actionedAt: null })).toMatchObject({ decision: null });
});

test("an answer that is none is told apart", () => {
  expect(readAnswer("check_hashes", { answers: ["allow", 1], more: true })).toEqual({
    answers: ["allow"],
  });
  expect(readAnswer("check_hashes", {})).toBeNull();
  expect(readAnswer("check_hashes", null)).toBeNull();
  expect(readAnswer("begin_upload", { mayUpload: true })).toEqual({
    mayUpload: true,
    code: null,
    text: null,
    until: null,
  });
});

test("a document that cannot be read is left out of a list, and told as an event", async () => {
  const { client, person, events } = await device();
  const good = await blockedCase(person.uid);
  await putDocument(`media_integrity_cases/${newCaseId()}`, {
    uploaderId: person.uid,
    createdAt: NOW,
  });

  const list = watched<Cases>((...to) => client.watchCases(...to));

  const found = await list.until((each) => each.length > 0, "the list");
  expect(found.map(({ id }) => id)).toEqual([good]);
  expect(events).toContainEqual({ kind: "error", code: "internal", reason: "unreadable_document" });
});

test("a scan is watched from before there is a job", async () => {
  const { client, person } = await device();
  const jobId = newCaseId();
  const scan = watched<ScanView>((...to) => client.watchScan(jobId, ...to));
  await scan.until(({ state }) => state === "scanning", "the scan");

  const { id: _, ...fields } = job({ uploaderId: person.uid, state: "BLOCKED", verdict: VERDICT });
  await putDocument(`scan_jobs/${jobId}`, fields);

  await scan.until((view) => view.state === "finished" && view.outcome === "blocked", "the end");
  await deleteDocument(`scan_jobs/${jobId}`);
});

test("a scan of somebody else's is refused", async () => {
  const [{ client }, owner] = await Promise.all([device(), signUp()]);
  const jobId = newCaseId();
  const { id: _, ...fields } = job({ uploaderId: owner.uid });
  await putDocument(`scan_jobs/${jobId}`, fields);

  const scan = watched<ScanView>((...to) => client.watchScan(jobId, ...to));

  expect(await scan.untilError()).toBe("forbidden");
  await deleteDocument(`scan_jobs/${jobId}`);
});

test("a watch that was ended says nothing more, whenever that was", async () => {
  const { client, person } = await device();
  const early = watched<Cases>((...to) => client.watchCases(...to));
  early.stop();
  const late = watched<Cases>((...to) => client.watchCases(...to));
  const control = watched<Cases>((...to) => client.watchCases(...to));
  await late.until(() => true, "the list");
  late.stop();
  late.stop();
  const before = late.seen.length;

  await blockedCase(person.uid);
  await control.until((found) => found.length === 1, "the case");

  expect([early.seen.length, early.errors.length]).toEqual([0, 0]);
  expect([late.seen.length, late.errors.length]).toEqual([before, 0]);
});

test("signing out ends every watch, and a new account begins with none", async () => {
  const { client, app, person } = await device();
  await blockedCase(person.uid);
  const list = watched<Cases>((...to) => client.watchCases(...to));
  const standing = watched<unknown>((...to) => client.watchStanding(...to));
  await list.until((found) => found.length === 1, "the list");

  await app.signOut();

  expect(await list.untilError()).toBe("unauthenticated");
  expect(await standing.untilError()).toBe("unauthenticated");
  await app.signIn(await signUp());
  const next = watched<Cases>((...to) => client.watchCases(...to));
  expect(await next.until(() => true, "the other's list")).toEqual([]);
  expect(list.errors).toHaveLength(1);
  expect(list.seen.at(-1)).toHaveLength(1);
});

test("another account in place of the first ends its watches too", async () => {
  const { client, app } = await device();
  const list = watched<Cases>((...to) => client.watchCases(...to));
  await list.until(() => true, "the list");

  await app.signIn(await signUp());

  expect(await list.untilError()).toBe("unauthenticated");
});

test("nobody is signed in: a watch says so", async () => {
  const { client, app } = await device();
  await app.signOut();
  const list = watched<Cases>((...to) => client.watchCases(...to));

  expect(await list.untilError()).toBe("unauthenticated");
  expect((await rejection(client.pauseVictimShield("x"))).code).toBe("unauthenticated");
});

test("a client that was closed watches nothing, and says nothing", async () => {
  const { client, person } = await device();
  const control = await device({}, { person });
  const list = watched<Cases>((...to) => client.watchCases(...to));
  await list.until(() => true, "the list");

  client.close();
  client.close();
  const after = watched<Cases>((...to) => client.watchCases(...to));
  await blockedCase(person.uid);
  const seen = watched<Cases>((...to) => control.client.watchCases(...to));
  await seen.until((found) => found.length === 1, "the case");

  expect(list.errors).toEqual([]);
  expect(list.seen.every((found) => found.length === 0)).toBe(true);
  expect(after.seen).toEqual([]);
});

test("a listener that ends its own watch is not called again", async () => {
  const { client, person } = await device();
  let calls = 0;
  const stop: { now?: () => void } = {};
  stop.now = client.watchCases(() => {
    calls += 1;
    stop.now?.();
  });
  await until(() => calls > 0, "the first call");
  const control = watched<Cases>((...to) => client.watchCases(...to));

  await blockedCase(person.uid);
  await control.until((found) => found.length === 1, "the case");

  expect(calls).toBe(1);
});
