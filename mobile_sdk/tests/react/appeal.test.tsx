// @vitest-environment jsdom

import { act } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import {
  useCase,
  useExplanation,
  useMediaIntegrity,
  useMediaIntegrityAppeal,
} from "../../src/react/index.js";
import { blockedCase, daysAgo, EXPLANATION, newCaseId } from "../client/making.js";
import { putDocument } from "../support/admin.js";
import { signUp } from "../support/people.js";
import { pngFile } from "../support/pictures.js";
import { endWorlds, show, world } from "./support.js";

afterEach(endWorlds);

test("an appeal is drafted, checked, sent and followed to its decision", async () => {
  const person = await signUp();
  const caseId = await blockedCase(person.uid);
  const on = await world(person);
  const shown = show(on, () => useMediaIntegrityAppeal(caseId));
  await shown.until(({ appeal }) => appeal.state === "drafting", "the draft");

  act(() => shown.now().setText("Too short."));
  expect(shown.now().appeal).toMatchObject({
    check: { characters: 10, missing: 40, problems: ["reason-missing", "text-too-short"] },
  });
  expect(await act(() => shown.now().submit())).toEqual({ result: "ignored" });
  const file = pngFile();
  act(() => {
    shown.now().setReason("art_or_parody");
    shown.now().setText(EXPLANATION);
    shown.now().addFiles([file, pngFile("other.png")]);
    shown.now().removeFile(file);
  });
  expect(shown.now().appeal).toMatchObject({ state: "drafting", check: { problems: [] } });
  const [first, second] = await act(() =>
    Promise.all([shown.now().submit(), shown.now().submit()]),
  );

  expect(first).toEqual({ result: "done", value: "sent" });
  expect(second).toEqual({ result: "ignored" });
  const appeal = await shown.until(
    // With a date the backend has taken note of it: only then does somebody look at it.
    ({ appeal }) => appeal.state === "waiting" && appeal.appeal.updatedAt && appeal.appeal,
    "the appeal, received",
  );
  expect(appeal).toMatchObject({ reason: "art_or_parody", explanation: EXPLANATION });
  expect(appeal.evidencePaths).toHaveLength(1);

  await putDocument(`media_integrity_appeals/${caseId}`, { status: "in_review" });
  await shown.until(({ appeal }) => appeal.state === "in-review", "somebody who looks at it");
  const decision = { outcome: "overturned", reason: "It is a painting.", decidedAt: new Date() };
  await putDocument(`media_integrity_appeals/${caseId}`, { status: "overturned", decision });
  await shown.until(({ appeal }) => appeal.state === "decided", "the decision");
  expect(shown.now().appeal).toMatchObject({
    outcome: "overturned",
    decision: { reason: "It is a painting." },
  });
});

test("an appeal written without a connection waits in the queue and is sent once", async () => {
  const person = await signUp();
  const caseId = await blockedCase(person.uid);
  const on = await world(person);
  const shown = show(on, () => ({
    ...useMediaIntegrityAppeal(caseId),
    queue: useMediaIntegrity().queue,
  }));
  await shown.until(({ appeal }) => appeal.state === "drafting", "the draft");
  act(() => {
    shown.now().setReason("not_synthetic");
    shown.now().setText(EXPLANATION);
    on.setOnline(false);
  });

  expect(await act(() => shown.now().submit())).toEqual({ result: "done", value: "queued" });

  expect(shown.now()).toMatchObject({ appeal: { state: "queued" }, queue: [{ caseId }] });
  // Another screen, or the app after a restart, knows as well.
  const other = show(on, () => useMediaIntegrityAppeal(caseId));
  await other.until(({ appeal }) => appeal.state === "queued", "the queue, elsewhere");
  act(() => on.setOnline(true));
  await shown.until(({ appeal }) => appeal.state === "waiting", "the appeal, received");
  await other.until(({ appeal }) => appeal.state === "waiting", "the appeal, elsewhere");
  await shown.until(({ queue }) => queue.length === 0, "an empty queue");
});

test("an appeal is closed after thirty days, and there is none for a case of another", async () => {
  const [person, other] = await Promise.all([signUp(), signUp()]);
  const [old, others] = await Promise.all([
    blockedCase(person.uid, { createdAt: daysAgo(31) }),
    blockedCase(other.uid),
  ]);
  const on = await world(person);
  const closed = show(on, () => useMediaIntegrityAppeal(old));
  await closed.until(({ appeal }) => appeal.state === "closed", "a closed portal");
  expect(await act(() => closed.now().submit())).toEqual({ result: "ignored" });

  const refused = show(on, () => useMediaIntegrityAppeal(others));
  const failed = await refused.until(
    ({ appeal }) => (appeal.state === "failed" ? appeal : null),
    "a refusal",
  );
  expect(failed.error.code).toBe("not-found");
  act(() => failed.retry());
  expect(refused.now().appeal.state).toBe("loading");
  await refused.until(({ appeal }) => appeal.state === "failed", "a refusal again");
});

test("a draft is another person's no more once somebody else signs in", async () => {
  const [person, other] = await Promise.all([signUp(), signUp()]);
  const caseId = await blockedCase(person.uid);
  const on = await world(person);
  const seenByOther = new Set<string>();
  const shown = show(on, () => {
    const { user } = useMediaIntegrity();
    const found = useCase(caseId);
    if (user.state === "signed-in" && user.userId === other.uid) seenByOther.add(found.state);
    return { ...useMediaIntegrityAppeal(caseId), found };
  });
  await shown.until(({ appeal }) => appeal.state === "drafting", "the draft");
  act(() => shown.now().setText(EXPLANATION));

  await act(() => on.app.signIn(other));
  await shown.until(
    ({ appeal, found }) => appeal.state === "failed" && found.state === "failed",
    "a refusal of both",
  );
  expect([...seenByOther]).toEqual(["loading", "failed"]);

  await act(() => on.app.signOut());
  await shown.until(({ appeal }) => appeal.state === "signed-out", "nobody");
  expect(on.listeners()).toEqual([]);

  await act(() => on.app.signIn(person));
  await shown.until(({ appeal }) => appeal.state === "drafting", "the owner's");
  expect(shown.now().appeal).toMatchObject({ draft: { text: "" } });
});

test("a case's watch is shared under StrictMode, and ends with the last hook", async () => {
  const person = await signUp();
  const caseId = await blockedCase(person.uid);
  const on = await world(person);
  const one = show(on, () => useCase(caseId));
  const two = show(on, () => useMediaIntegrityAppeal(caseId));
  await one.until((found) => found.state === "ready", "the case");
  await two.until(({ appeal }) => appeal.state === "drafting", "the draft");
  const cases = () => on.listeners().filter((what) => what.endsWith(caseId));
  expect(cases()).toHaveLength(1);

  one.unmount();
  await act(async () => undefined);
  expect(cases()).toHaveLength(1);
  two.unmount();
  await act(async () => undefined);
  expect(on.listeners()).toEqual([]);
});

test("an explanation is asked for once under StrictMode, by however many hooks", async () => {
  const person = await signUp();
  const on = await world(person);
  const caseId = newCaseId();
  const one = show(on, () => useExplanation(caseId));
  const two = show(on, () => useExplanation(caseId));

  const failed = await one.until((why) => (why.state === "failed" ? why : null), "a refusal");
  expect(failed.error.code).toBe("not-found");
  await two.until((why) => why.state === "failed", "the same refusal");
  expect(on.calls("explain_decision")).toBe(1);
  act(() => failed.retry());
  await one.until((why) => why.state === "failed", "a second refusal");
  expect(on.calls("explain_decision")).toBe(2);
  expect(show(on, () => useExplanation(null)).now()).toEqual({ state: "idle" });
});
