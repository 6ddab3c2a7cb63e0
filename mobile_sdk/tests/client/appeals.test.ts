import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { CaseView } from "../../src/types/client.js";
import { deleteDocument, objectNames, putDocument } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import {
  blockedCase,
  daysAgo,
  device,
  diskFiles,
  EXPLANATION,
  newCaseId,
  rejection,
  watched,
} from "./making.js";

const appeal = (caseId: string) =>
  ({ caseId, reason: "not_synthetic", explanation: EXPLANATION }) as const;

test("an appeal is sent with its files, and the case's watch shows it", async () => {
  const { client, person } = await device();
  const caseId = await blockedCase(person.uid);
  const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));
  const before = await view.until((found) => found !== null, "the case");
  expect(before).toMatchObject({ mayAppeal: true, appeal: null, case: { id: caseId } });

  const sent = await client.submitAppeal({
    ...appeal(caseId),
    files: [pngFile("Urlaub am Meer.png"), new File(["words"], "note.txt", { type: "text/plain" })],
  });

  expect(sent).toEqual({ sent: true, answer: undefined });
  const after = await view.until((found) => found?.appeal != null, "the appeal");
  expect(after).toMatchObject({ mayAppeal: false, appeal: { explanation: EXPLANATION } });
  const names = await objectNames(`appeals/${person.uid}/${caseId}/`);
  expect(names).toHaveLength(2);
  expect([...(after?.appeal?.evidencePaths ?? [])].sort()).toEqual([...names].sort());
});

test("the same appeal again is no error, another one is a conflict", async () => {
  const { client, person } = await device();
  const caseId = await blockedCase(person.uid);
  await client.submitAppeal(appeal(caseId));

  const again = await client.submitAppeal(appeal(caseId));
  const other = await rejection(
    client.submitAppeal({ ...appeal(caseId), explanation: `${EXPLANATION} And another thing.` }),
  );

  expect(again.sent).toBe(true);
  expect(other).toMatchObject({ code: "conflict", reason: "appeal_exists", retryable: false });
});

describe("what cannot be sent is found on the device", () => {
  test.each([
    ["appeal_too_short", { explanation: "Too short.".padEnd(80, " ") }],
    ["appeal_too_long", { explanation: "x".repeat(2001) }],
    ["too_many_files", { files: Array.from({ length: 6 }, () => pngFile()) }],
    ["case_id", { caseId: "case" }],
  ])("%s", async (reason, changes) => {
    const { client } = await device();

    const error = await rejection(client.submitAppeal({ ...appeal(newCaseId()), ...changes }));

    expect(error).toMatchObject({ code: "invalid", reason });
  });

  test.each([
    ["evidence_type", new File(["<svg/>"], "a.svg", { type: "image/svg+xml" })],
    ["file_empty", new File([], "a.png", { type: "image/png" })],
    ["evidence_size", new File([new Uint8Array(10 * 2 ** 20 + 1)], "a.pdf")],
  ])("a file: %s", async (reason, file) => {
    const { client, person } = await device();
    const caseId = await blockedCase(person.uid);

    const error = await rejection(client.submitAppeal({ ...appeal(caseId), files: [file] }));

    expect(error).toMatchObject({ code: "file", reason });
    expect(await objectNames(`appeals/${person.uid}/`)).toEqual([]);
  });

  test("a file that is gone", async () => {
    const { client, person } = await device({ files: diskFiles() });
    const caseId = await blockedCase(person.uid);
    const uri = join(tmpdir(), `${caseId}.txt`);

    const error = await rejection(client.submitAppeal({ ...appeal(caseId), files: [{ uri }] }));

    expect(error.code).toBe("file");
    await writeFile(uri, "now it is there");
    expect((await client.submitAppeal({ ...appeal(caseId), files: [{ uri }] })).sent).toBe(true);
  });
});

describe("what the rules allow is what mayAppeal says", () => {
  const cases: readonly (readonly [
    name: string,
    allowed: boolean,
    changes: Readonly<Record<string, unknown>>,
    reason: string | null,
  ])[] = [
    ["blocked just now", true, {}, null],
    ["held", true, { status: "OPEN", action: "REVIEW" }, null],
    ["with a moderator", true, { status: "IN_REVIEW" }, null],
    ["upheld", true, { status: "UPHELD" }, null],
    ["no appeal for this violation", false, { appealable: false }, "not_appealable"],
    ["29 days ago", true, { createdAt: daysAgo(29) }, null],
    ["31 days ago", false, { createdAt: daysAgo(31) }, "appeal_too_late"],
    [
      "opened long ago, blocked lately",
      true,
      { createdAt: daysAgo(60), actionedAt: daysAgo(2) },
      null,
    ],
    [
      "blocked long ago by a moderator",
      false,
      { createdAt: daysAgo(60), actionedAt: daysAgo(40) },
      "appeal_too_late",
    ],
  ];

  test.each(cases)("%s: %s", async (_, allowed, changes, reason) => {
    const { client, person } = await device();
    const caseId = await blockedCase(person.uid, changes);
    const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));

    expect((await view.until(() => true, "the case"))?.mayAppeal).toBe(allowed);

    if (allowed) expect((await client.submitAppeal(appeal(caseId))).sent).toBe(true);
    else {
      const error = await rejection(client.submitAppeal(appeal(caseId)));
      expect(error).toMatchObject({ code: "forbidden", reason });
    }
  });

  test("a person whose appeals are closed", async () => {
    const { client, person } = await device();
    const until = daysAgo(-3);
    const caseId = await blockedCase(person.uid);
    await putDocument(`enforcement_records/${person.uid}`, {
      standing: "restricted",
      appealsClosedUntil: until,
      updatedAt: new Date(),
    });
    const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));

    expect((await view.until(() => true, "the case"))?.mayAppeal).toBe(false);
    const error = await rejection(client.submitAppeal(appeal(caseId)));
    expect(error).toMatchObject({ code: "forbidden", reason: "appeals_closed", until });
  });

  test("a case of somebody else", async () => {
    const [{ client }, owner] = await Promise.all([device(), signUp()]);
    const caseId = await blockedCase(owner.uid);
    const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));

    expect(await view.untilError()).toBe("not-found");
    expect(view.seen).toEqual([]);
    expect((await rejection(client.submitAppeal(appeal(caseId)))).code).toBe("not-found");
  });

  test("a case that one is shown in", async () => {
    const [{ client, person }, owner] = await Promise.all([device(), signUp()]);
    const caseId = await blockedCase(owner.uid, {}, [person.uid]);
    const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));

    expect(await view.until(() => true, "the case")).toMatchObject({
      mayAppeal: false,
      appeal: null,
      case: { id: caseId },
    });
  });
});

test("the watch of a case that is deleted ends: the rules cannot say whose it was", async () => {
  const { client, person } = await device();
  const caseId = await blockedCase(person.uid);
  const view = watched<CaseView | null>((...to) => client.watchCase(caseId, ...to));
  await view.until((found) => found !== null, "the case");

  await deleteDocument(`media_integrity_cases/${caseId}`);

  expect(await view.untilError()).toBe("not-found");
});

test("one's own cases, the newest first, and nobody else's", async () => {
  const [{ client, person }, other] = await Promise.all([device(), signUp()]);
  const older = await blockedCase(person.uid, { createdAt: daysAgo(2) });
  const newer = await blockedCase(person.uid);
  await blockedCase(other.uid);

  const list = watched<readonly { readonly id: string }[]>((...to) => client.watchCases(...to));

  const found = await list.until((each) => each.length > 0, "the list");
  expect(found.map(({ id }) => id)).toEqual([newer, older]);
});

test("a decision is explained in the user's language", async () => {
  const { client, person } = await device({ language: "de-AT" });
  const caseId = await blockedCase(person.uid);

  const told = await client.explainDecision(caseId);

  expect(told).toMatchObject({ caseId, language: "de", audience: "uploader" });
  expect(told.sections.every(({ title }) => title.length > 0)).toBe(true);
  expect((await rejection(client.explainDecision(newCaseId()))).code).toBe("not-found");
});
