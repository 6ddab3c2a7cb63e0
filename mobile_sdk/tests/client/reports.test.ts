import { expect, test } from "vitest";

import { REPORT_STATEMENT } from "../../src/client/reports.js";
import type { ReportInput, WithId } from "../../src/types/client.js";
import type {
  EnforcementRecord,
  Notification,
  Report,
  Takedown,
} from "../../src/types/generated/documents.js";
import { putDocument } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import { device, newCaseId, rejection, watched } from "./making.js";
import { readFileSync } from "node:fs";

const report = (changes: Partial<ReportInput> = {}): ReportInput => ({
  kind: "ncii",
  media: [{ url: `https://example.com/${newCaseId()}` }],
  ...changes,
});

test("a report with a statement and a file is followed to its takedowns, and withdrawn", async () => {
  const [{ client }, other] = await Promise.all([device({ language: "pl" }), device()]);

  const sent = await client.submitReport(
    report({
      description: "It shows me.",
      victim: { name: "Maria Muster", mail: "maria@example.com" },
      statement: { capacity: "depicted", signature: "Maria Muster" },
      files: [pngFile()],
    }),
  );
  if (!sent.sent) throw new Error("it was not sent");
  const { reportId, takedowns } = sent.answer;
  expect(takedowns).toHaveLength(1);

  const followed = watched<readonly WithId<Takedown>[]>((...to) =>
    client.watchTakedowns(reportId, ...to),
  );
  const [takedown] = await followed.until((found) => found.length > 0, "the takedown");
  const letter = await client.readTakedownLetter(takedown?.id ?? "");
  expect(letter.text.length).toBeGreaterThan(100);
  expect((await rejection(other.client.readTakedownLetter(takedown?.id ?? ""))).code).toBe(
    "not-found",
  );
  expect((await rejection(other.client.withdrawReport(reportId))).code).toBe("not-found");
  const reports = watched<readonly WithId<Report>[]>((...to) => client.watchReports(...to));
  await reports.until((found) => found[0]?.statement?.goodFaith === true, "the report");

  await client.withdrawReport(reportId);

  await reports.until((found) => found[0]?.status === "withdrawn", "the withdrawal");
});

test.each([
  ["no_media", report({ media: [] })],
  ["too_much_media", report({ media: Array.from({ length: 21 }, () => ({ url: "https://a.b" })) })],
  ["too_many_files", report({ files: Array.from({ length: 6 }, () => pngFile()) })],
  ["no_copies_of_minors", report({ concernsMinor: true, files: [pngFile()] })],
])("what cannot be sent is found on the device: %s", async (reason, input) => {
  const { client } = await device();

  expect(await rejection(client.submitReport(input))).toMatchObject({ code: "invalid", reason });
});

test("an address that is none is refused by the backend, with words for the user", async () => {
  const { client } = await device();

  const error = await rejection(client.submitReport(report({ media: [{ url: "no address" }] })));

  expect(error).toMatchObject({ code: "invalid", retryable: false });
  expect(error.userMessage.length).toBeGreaterThan(10);
});

test("the statement is what the backend's documentation says, word for word", () => {
  const docs = readFileSync(new URL("../../../docs/takedowns.md", import.meta.url), "utf8");
  const quoted = docs.replace(/\n> /g, " ");

  expect(quoted).toContain(REPORT_STATEMENT);
});

test("a person reads their notifications, once each, and nobody else's", async () => {
  const [{ client, person }, other] = await Promise.all([device(), signUp()]);
  const [mine, theirs] = [newCaseId(), newCaseId()];
  for (const [id, userId] of [
    [mine, person.uid],
    [theirs, other.uid],
  ]) {
    await putDocument(`victim_notifications/${id}`, {
      userId,
      kind: "report_received",
      createdAt: new Date(),
      readAt: null,
      expireAt: new Date(Date.now() + 86_400_000),
    });
  }
  const list = watched<readonly WithId<Notification>[]>((...to) =>
    client.watchNotifications(...to),
  );
  const found = await list.until((each) => each.length > 0, "the notification");
  expect(found.map(({ id }) => id)).toEqual([mine]);

  await client.markNotificationRead(mine);
  await list.until((each) => each[0]?.readAt instanceof Date, "the word that it was read");
  await client.markNotificationRead(mine);

  expect((await rejection(client.markNotificationRead(theirs))).code).toBe("not-found");
  expect((await rejection(client.markNotificationRead(newCaseId()))).code).toBe("not-found");
});

test("push goes to this installation, and not any more", async () => {
  const { client } = await device({ language: "es" });
  const token = `token-${newCaseId()}`;

  await client.registerPushToken(token, "web");
  await client.forgetPushToken(token);

  expect((await rejection(client.registerPushToken("short", "web"))).code).toBe("invalid");
});

test("the account's standing is null until there is one", async () => {
  const { client, person } = await device();
  const standing = watched<WithId<EnforcementRecord> | null>((...to) =>
    client.watchStanding(...to),
  );
  expect(await standing.until(() => true, "the standing")).toBeNull();

  await putDocument(`enforcement_records/${person.uid}`, {
    standing: "warned",
    strikes: 1,
    updatedAt: new Date(),
  });

  await standing.until((found) => found?.standing === "warned", "the strike");
});
