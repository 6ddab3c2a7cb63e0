/** A stranger's program. It is compiled against the built package, never run. */

import {
  createMediaIntegrityClient,
  MediaIntegrityError,
  memoryStore,
  outcomeOf,
  REPORT_STATEMENT,
  webFiles,
  type ClientEvent,
  type ErrorCode,
  type MediaIntegrityClient,
  type UploadOutcome,
  type UploadState,
} from "media-integrity-sdk";
import { createMediaIntegrityClient as fromClient } from "media-integrity-sdk/client";
import { pdq, PDQ_MIN_QUALITY, type RgbaImage } from "media-integrity-sdk/hashing";
import type { CaseView, FirebasePort, QueuedAction, Sent } from "media-integrity-sdk";

declare const firebase: FirebasePort;
declare const file: Blob;
declare const outcome: UploadOutcome;
declare const state: UploadState;
declare const view: CaseView;

const client: MediaIntegrityClient = createMediaIntegrityClient({
  firebase,
  options: {
    language: "de-AT",
    store: memoryStore(),
    files: webFiles(),
    onEvent: (event: ClientEvent) => told(event),
  },
});
const same: typeof createMediaIntegrityClient = fromClient;

// @ts-expect-error a client needs Firebase
createMediaIntegrityClient({ options: {} });
// @ts-expect-error a property that is left out is left out, not undefined
createMediaIntegrityClient({ firebase, options: { language: undefined } });

// ---- states narrow ----

const shown = (ended: UploadOutcome): string => {
  switch (ended.outcome) {
    case "published":
      return ended.previewPath ?? ended.publishedPath;
    case "awaiting-consent":
      return String(ended.people);
    case "held":
    case "blocked":
      return ended.caseId;
    case "refused":
      return ended.text;
  }
};

// @ts-expect-error only what is published has a path
const path: string = outcome.publishedPath;
if (outcome.outcome === "refused") {
  // @ts-expect-error what was refused was not judged
  void outcome.verdict;
}
if (state.state === "scanning") {
  const progress: number = state.progress;
  // @ts-expect-error all bytes are there
  void state.sentBytes;
  void progress;
}
if (state.state === "finished" && state.outcome === "published")
  state.isProtected satisfies boolean;
// @ts-expect-error states cannot be written
state.state = "cancelled";
// @ts-expect-error no such state
if (state.state === "done") void state;

const told = (event: ClientEvent): string => {
  if (event.kind === "dropped") return `${event.action} ${event.code}`;
  // @ts-expect-error an upload is no queued action
  if (event.kind === "upload") return event.action;
  return event.kind;
};

async function answers(): Promise<void> {
  const sent = await client.respondToConsent({ requestId: "r" }, "confirm");
  if (sent.sent) sent.answer.text satisfies string;
  else sent.queued.kind satisfies QueuedAction["kind"];
  // @ts-expect-error perhaps it was not sent
  void sent.answer;
  // @ts-expect-error no such answer
  await client.respondToConsent({ requestId: "r" }, "maybe");
  // @ts-expect-error one of both
  await client.respondToConsent({}, "confirm");

  const appeal: Sent<void> = await client.submitAppeal({
    caseId: "c",
    reason: "consent_given",
    explanation: REPORT_STATEMENT,
  });
  // @ts-expect-error no such reason
  await client.submitAppeal({ caseId: "c", reason: "other", explanation: "" });
  // @ts-expect-error either an address or an upload
  await client.submitReport({ kind: "ncii", media: [{}] });
  await client.createVictimShield({ level: "maximum", toggles: { monitoring: true } });
  // @ts-expect-error no such level
  await client.createVictimShield({ level: "total" });
  void appeal;
}

async function errors(): Promise<ErrorCode | null> {
  const task = client.uploadMedia(file, { surface: "avatar" });
  const stop = task.subscribe((now) => void now.state);
  try {
    shown(await task.done);
  } catch (error) {
    if (error instanceof MediaIntegrityError && error.retryable) return error.code;
  } finally {
    stop();
  }
  return null;
}

const stopWatching: () => void = client.watchCase("c", (found) => {
  // @ts-expect-error perhaps there is no such case
  void found.mayAppeal;
  if (found !== null) found.appealUntil satisfies Date | null;
});
// @ts-expect-error a case is read only
view.case.status = "CLOSED";
view.case.createdAt satisfies Date;
// @ts-expect-error what only moderators see is in no type
void view.case.victimIds;

const picture: RgbaImage = { data: new Uint8Array(4), width: 1, height: 1 };
const isGood: boolean = pdq(picture).quality >= PDQ_MIN_QUALITY;

export { answers, errors, isGood, outcomeOf, path, same, stopWatching };
