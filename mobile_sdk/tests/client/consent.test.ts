import { expect, onTestFinished, test } from "vitest";

import type { ConsentKey, UploadOutcome, WithId } from "../../src/types/client.js";
import type { ConsentRequest, ConsentVerification } from "../../src/types/generated/documents.js";
import { portraitFile } from "../support/portrait.js";
import {
  device,
  newCaseId,
  rejection,
  switchedConnectivity,
  watched,
  type Device,
} from "./making.js";
import { until } from "../support/wait.js";

type Requests = readonly WithId<ConsentRequest>[];

/** An upload that shows one person and waits for their word. */
async function waiting({ client }: Device): Promise<string> {
  const outcome = await client.uploadMedia(portraitFile(), { preflight: false }).done;
  expect(outcome).toMatchObject({ outcome: "awaiting-consent", people: 1 });
  return outcome.jobId;
}

/** A no is kept for copies of the picture; here every test uploads one. */
function takenBackAtTheEnd({ client }: Device, key: ConsentKey): void {
  onTestFinished(async () => {
    await client.respondToConsent(key, "take_back");
  });
}

function scan({ client }: Device, jobId: string) {
  const seen = watched<UploadOutcome | null>((listener, onError) =>
    client.watchScan(jobId, (view) => listener(view.state === "finished" ? view : null), onError),
  );
  return (outcome: UploadOutcome["outcome"]) =>
    seen.until((found) => found?.outcome === outcome, outcome);
}

test("somebody with an account is asked, agrees, and takes it back", async () => {
  const [uploader, shown, stranger] = await Promise.all([device(), device(), device()]);
  const jobId = await waiting(uploader);
  const reached = scan(uploader, jobId);
  const asked = watched<Requests>((...to) => shown.client.watchConsentRequests(...to));
  const asking = watched<Requests>((...to) => uploader.client.watchConsentOfUpload(jobId, ...to));

  const state = await uploader.client.verifyConsent({ jobId, basis: "explicit" });
  expect(state).toMatchObject({ status: "awaiting", needed: 1, given: 0 });
  const questions = await uploader.client.requestConsent(jobId, [{ userId: shown.person.uid }]);
  expect(questions).toMatchObject([{ status: "pending", token: null }]);
  const [request] = await asked.until((found) => found.length > 0, "the request");
  const requestId = request?.id ?? "";
  expect(requestId).toBe(questions[0]?.requestId);

  const wrong = await rejection(stranger.client.respondToConsent({ requestId }, "confirm"));
  expect(wrong.code).toBe("not-found");
  const answer = await shown.client.respondToConsent({ requestId }, "confirm");
  expect(answer).toMatchObject({ sent: true, answer: { answer: "confirm" } });
  expect(await reached("published")).toMatchObject({ jobId });
  await asking.until((found) => found[0]?.status === "confirmed", "the uploader's side");

  const given = watched<readonly WithId<ConsentVerification>[]>((...to) =>
    shown.client.watchConsentsGiven(...to),
  );
  const [consent] = await given.until((found) => found[0]?.status === "given", "the consent");
  expect(
    (await rejection(stranger.client.withdrawConsent({ consentId: consent?.id ?? "" }))).code,
  ).toBe("not-found");
  takenBackAtTheEnd(shown, { requestId });
  await shown.client.withdrawConsent({ consentId: consent?.id ?? "" });
  await reached("blocked");
  await given.until((found) => found[0]?.status === "withdrawn", "the word that it is taken back");
});

test("a link is opened and answered without an account, once", async () => {
  const [uploader, shown] = await Promise.all([device(), device()]);
  await shown.app.signOut();
  const jobId = await waiting(uploader);
  const [question] = await uploader.client.requestConsent(jobId, [{ link: true }]);
  const token = question?.token ?? "";

  const opened = await shown.client.openConsentLink(token);
  expect(opened).toMatchObject({ status: "pending", surface: "feed" });
  expect(opened.preview).not.toBeNull();
  const answer = await shown.client.respondToConsent({ token }, "refuse");
  expect(answer).toMatchObject({ sent: true, answer: { offers: ["report", "shield"] } });

  await scan(uploader, jobId)("blocked");
  expect(await rejection(shown.client.respondToConsent({ token }, "confirm"))).toMatchObject({
    code: "conflict",
    reason: "answered",
  });
  // Who uploaded it has the token too.
  const undone = await rejection(uploader.client.respondToConsent({ token }, "take_back"));
  expect(undone).toMatchObject({ code: "forbidden", reason: "by_link" });
  expect((await shown.client.openConsentLink(token)).preview).toBeNull();
  const broken = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  expect((await rejection(shown.client.openConsentLink(broken))).code).toBe("not-found");
});

test("a yes that was never sent is forgotten when a no comes after it", async () => {
  const connectivity = switchedConnectivity(false);
  const [uploader, shown] = await Promise.all([device(), device({ connectivity })]);
  const jobId = await waiting(uploader);
  const [question] = await uploader.client.requestConsent(jobId, [{ userId: shown.person.uid }]);
  const key = { requestId: question?.requestId ?? "" };

  takenBackAtTheEnd(shown, key);

  await shown.client.respondToConsent(key, "confirm");
  await shown.client.respondToConsent(key, "refuse");
  expect(shown.client.queue()).toHaveLength(1);
  connectivity.set(true);

  await until(() => shown.client.queue().length === 0, "the answer to be sent");
  await scan(uploader, jobId)("blocked");
  const asked = watched<Requests>((...to) => shown.client.watchConsentRequests(...to));
  expect((await asked.until((found) => found.length > 0, "the request"))[0]?.status).toBe(
    "refused",
  );
});

test("an answer by a link waits for a connection without an account", async () => {
  const connectivity = switchedConnectivity(false);
  const [uploader, shown] = await Promise.all([device(), device({ connectivity })]);
  await shown.app.signOut();
  const jobId = await waiting(uploader);
  const [question] = await uploader.client.requestConsent(jobId, [{ link: true }]);

  const sent = await shown.client.respondToConsent({ token: question?.token ?? "" }, "confirm");
  expect(sent.sent).toBe(false);
  connectivity.set(true);

  await scan(uploader, jobId)("published");
});

test("what a request makes no sense of is said", async () => {
  const { client } = await device();
  const jobId = newCaseId();

  const nothing = await rejection(client.verifyConsent({ jobId, basis: "self" }));
  const nobody = await rejection(client.requestConsent(jobId, []));
  const noAccount = await rejection(client.respondToConsent({ requestId: "x" }, "confirm"));

  expect(["not-found", "conflict"]).toContain(nothing.code);
  expect(nobody).toMatchObject({ code: "invalid", reason: "malformed" });
  expect(noAccount).toMatchObject({ code: "invalid", reason: "malformed" });
});
