import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  appealLeft,
  checkAppeal,
  NEW_APPEAL,
  reduceAppeal,
  viewAppeal,
  type AppealEvent,
  type AppealModel,
} from "../../src/react/appeal-machine.js";
import {
  attemptOf,
  attemptsLeft,
  reduceAttempts,
  type AttemptEvent,
  type Attempts,
} from "../../src/react/attempts-machine.js";
import {
  dependsOn,
  NO_CONSENT,
  reduceConsent,
  viewConsent,
  type ConsentEvent,
} from "../../src/react/consent-machine.js";
import {
  NO_REQUESTS,
  reduceRequests,
  viewRequests,
} from "../../src/react/consent-requests-machine.js";
import { fileProblems, MAX_FILE_BYTES } from "../../src/react/evidence-files.js";
import {
  NO_NOTIFICATIONS,
  reduceNotifications,
  unreadOf,
  viewNotifications,
  type NotificationsEvent,
} from "../../src/react/notifications-machine.js";
import {
  checkReport,
  EMPTY_REPORT,
  inputOf,
  NEW_REPORT,
  reduceReport,
  reportLeft,
  type ReportDraft,
  type ReportEvent,
} from "../../src/react/report-machine.js";
import {
  NO_SHIELD,
  reduceShield,
  viewShield,
  type ShieldEvent,
} from "../../src/react/shield-machine.js";
import {
  isOver,
  isUnderWay,
  NO_UPLOAD,
  reduceUpload,
  uploadLeft,
  type UploadEvent,
} from "../../src/react/upload-machine.js";
import { firstSession, reduceUser } from "../../src/react/user-machine.js";
import { reduceWatch, type WatchEvent, type Watched } from "../../src/react/watch-machine.js";
import type {
  Appeal,
  CaseView,
  ConsentRequest,
  ConsentState,
  MediaIntegrityErrorFields,
  Notification,
  ScanView,
  Shield,
  UploadState,
  WithId,
} from "../../src/types/index.js";

const ERROR: MediaIntegrityErrorFields = {
  code: "unavailable",
  reason: null,
  retryable: true,
  retryAfterMs: null,
  until: null,
  userMessage: "Please try again soon.",
};
const LONG_ENOUGH = "I drew this picture myself, and nobody is shown in it at all.";

const date = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });

/** Every state along the way. */
function run<S, E>(
  reduce: (state: S, event: E) => S,
  first: S,
  events: readonly E[],
): readonly S[] {
  const states = [first];
  let state = first;
  for (const event of events) states.push((state = reduce(state, event)));
  return states;
}

function pairs<T>(all: readonly T[]): readonly (readonly [T, T])[] {
  return all.slice(1).flatMap((after, at) => {
    const before = all[at];
    return before === undefined ? [] : [[before, after] as const];
  });
}

function watchedOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Watched<T>> {
  return fc.oneof(
    fc.constant<Watched<T>>({ state: "loading" }),
    fc.constant<Watched<T>>({ state: "failed", error: ERROR }),
    value.map((value): Watched<T> => ({ state: "ready", value })),
  );
}

// ---- Watches and users ----------------------------------------------------------------------

test("a failed watch stays failed until it begins anew", () => {
  const event: fc.Arbitrary<WatchEvent<number>> = fc.oneof(
    fc.integer().map((value) => ({ type: "value", value }) as const),
    fc.constant({ type: "failed", error: ERROR } as const),
    fc.constant({ type: "restarted" } as const),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const states = run<Watched<number>, WatchEvent<number>>(
        reduceWatch,
        { state: "loading" },
        events,
      );
      for (const [at, [before, after]] of pairs(states).entries()) {
        if (before.state === "failed" && events[at]?.type !== "restarted") {
          expect(after).toBe(before);
        }
      }
    }),
  );
});

test("a session changes with the account and never comes back", () => {
  const account = fc.constantFrom(null, "a", "b");
  fc.assert(
    fc.property(account, fc.array(account), (first, accounts) => {
      const events = accounts.map((userId) => ({ type: "user", userId }) as const);
      const sessions = run(reduceUser, firstSession(first), events);
      for (const [at, [before, after]] of pairs(sessions).entries()) {
        const now = accounts[at] ?? null;
        expect(after.user).toEqual(
          now === null ? { state: "signed-out" } : { state: "signed-in", userId: now },
        );
        const isSame = JSON.stringify(before.user) === JSON.stringify(after.user);
        expect(after.session).toBe(before.session + (isSame ? 0 : 1));
      }
    }),
  );
});

// ---- Uploads --------------------------------------------------------------------------------

const uploadId = fc.constantFrom("one", "two");
const uploadState: fc.Arbitrary<UploadState> = fc.oneof(
  fc.constant({ state: "preparing" } as const),
  fc.record({
    state: fc.constantFrom("uploading", "paused", "waiting-for-network"),
    sentBytes: fc.nat(10),
    totalBytes: fc.constant(10),
  }),
  fc.constant({ state: "scanning", jobId: "j", step: null, progress: 0 } as const),
  fc.constant({
    state: "finished",
    outcome: "refused",
    jobId: "j",
    reason: "r",
    text: "",
  } as const),
  fc.constant({ state: "failed", error: ERROR } as const),
  fc.constant({ state: "cancelled" } as const),
);
const uploadEvent: fc.Arbitrary<UploadEvent> = fc.oneof(
  fc.record({ type: fc.constant("started" as const), uploadId, upload: uploadState }),
  fc.record({ type: fc.constant("changed" as const), uploadId, upload: uploadState }),
  fc.constant({ type: "reset" } as const),
);

describe("an upload", () => {
  test("that is over changes only by another start or a reset", () => {
    fc.assert(
      fc.property(fc.array(uploadEvent), (events) => {
        const states = run(reduceUpload, NO_UPLOAD, events);
        for (const [at, [before, after]] of pairs(states).entries()) {
          if (isOver(before) && events[at]?.type === "changed") expect(after).toBe(before);
        }
      }),
    );
  });

  test("under way is never replaced, and hears no word of another", () => {
    fc.assert(
      fc.property(fc.array(uploadEvent), (events) => {
        for (const [before, after] of pairs(run(reduceUpload, NO_UPLOAD, events))) {
          if (before.state === "idle" || !isUnderWay(before)) continue;
          expect(after.state).not.toBe("idle");
          if (after.state !== "idle") expect(after.uploadId).toBe(before.uploadId);
        }
      }),
    );
  });

  test("is not under way once its hook has gone", () => {
    fc.assert(
      fc.property(fc.array(uploadEvent), (events) => {
        const last = uploadLeft(events.reduce(reduceUpload, NO_UPLOAD));
        expect(isUnderWay(last)).toBe(false);
      }),
    );
  });
});

// ---- Attempts -------------------------------------------------------------------------------

const name = fc.constantFrom("a", "b", "__proto__", "constructor");
const attemptEvent: fc.Arbitrary<AttemptEvent<number>> = fc.oneof(
  fc.record({ type: fc.constant("begun" as const), name }),
  fc.record({ type: fc.constant("done" as const), name, value: fc.nat() }),
  fc.record({ type: fc.constant("failed" as const), name, error: fc.constant(ERROR) }),
  fc.record({ type: fc.constant("dismissed" as const), name }),
);

describe("attempts", () => {
  test("end only where they were busy, and leave the others alone", () => {
    fc.assert(
      fc.property(fc.array(attemptEvent), (events) => {
        const states = run<Attempts<number>, AttemptEvent<number>>(reduceAttempts, {}, events);
        for (const [at, [before, after]] of pairs(states).entries()) {
          const event = events[at];
          if (event === undefined) continue;
          for (const each of ["a", "b", "__proto__", "constructor"]) {
            const [was, is] = [attemptOf(before, each), attemptOf(after, each)];
            if (each !== event.name) expect(is).toEqual(was);
            else if (was.state === "busy") {
              expect(is.state).toBe(
                event.type === "begun" || event.type === "dismissed" ? "busy" : event.type,
              );
            } else if (event.type === "begun") expect(is.state).toBe("busy");
            else if (event.type === "dismissed") expect(is.state).toBe("idle");
            else expect(is).toBe(was);
          }
        }
      }),
    );
  });

  test("are not busy once their hook has gone", () => {
    fc.assert(
      fc.property(fc.array(attemptEvent), (events) => {
        const left = attemptsLeft(events.reduce<Attempts<number>>(reduceAttempts, {}));
        expect(Object.values(left).map(({ state }) => state)).not.toContain("busy");
      }),
    );
  });
});

// ---- Appeals --------------------------------------------------------------------------------

const appealDocument: fc.Arbitrary<WithId<Appeal>> = fc.record({
  id: fc.constant("case"),
  caseId: fc.constant("case"),
  uploaderId: fc.constant("a"),
  reason: fc.constantFrom("not_synthetic", "consent_given"),
  explanation: fc.constant(LONG_ENOUGH),
  status: fc.constantFrom("pending", "in_review", "rejected", "upheld", "overturned"),
  createdAt: date,
});
const caseView: fc.Arbitrary<CaseView | null> = fc.option(
  fc.record({
    case: fc.record({
      id: fc.constant("case"),
      uploaderId: fc.constant("a"),
      status: fc.constantFrom("OPEN", "ACTIONED"),
      action: fc.constant("BLOCK" as const),
      severity: fc.constant("LOW" as const),
      severityRank: fc.constant(0),
      confidence: fc.constant(1),
      explanation: fc.constant([]),
      policyVersion: fc.constant("1"),
      surface: fc.constant("feed" as const),
      createdAt: date,
      updatedAt: date,
    }),
    appeal: fc.option(appealDocument),
    mayAppeal: fc.boolean(),
    appealUntil: fc.option(date, { nil: null }),
  }),
);
const appealEvent: fc.Arbitrary<AppealEvent> = fc.oneof(
  fc.record({ type: fc.constant("case" as const), watched: watchedOf(caseView) }),
  fc.record({
    type: fc.constant("edited" as const),
    draft: fc.record(
      {
        reason: fc.constantFrom("not_synthetic" as const, "consent_given" as const),
        text: fc.constantFrom("", "short", LONG_ENOUGH),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.constant({ type: "submitted" } as const),
  fc.constant({ type: "sent" } as const),
  fc.constant({ type: "failed", error: ERROR } as const),
  fc.record({ type: fc.constant("queue" as const), queuedAt: fc.option(date, { nil: null }) }),
);

describe("an appeal", () => {
  const shown = (model: AppealModel) =>
    model.watched.state === "ready" ? viewAppeal(model, model.watched.value) : null;

  test("is sent only when it is whole and may be", () => {
    fc.assert(
      fc.property(fc.array(appealEvent, { maxLength: 30 }), (events) => {
        for (const [before, after] of pairs(run(reduceAppeal, NEW_APPEAL, events))) {
          if (after.sending.state !== "submitting" || before.sending.state === "submitting") {
            continue;
          }
          const view = shown(before);
          expect(view?.state).toBe("drafting");
          if (view?.state === "drafting") expect(view.check.problems).toEqual([]);
        }
      }),
    );
  });

  test("that the backend has is shown as the backend has it, whatever the device thinks", () => {
    fc.assert(
      fc.property(fc.array(appealEvent, { maxLength: 30 }), (events) => {
        for (const model of run(reduceAppeal, NEW_APPEAL, events)) {
          const found = model.watched.state === "ready" ? model.watched.value : null;
          if (found === null || found.appeal === null) continue;
          expect(shown(model)?.state).toMatch(/^(waiting|in-review|decided)$/);
        }
      }),
    );
  });

  test("is never changed while it is on its way", () => {
    fc.assert(
      fc.property(fc.array(appealEvent, { maxLength: 30 }), (events) => {
        for (const [before, after] of pairs(run(reduceAppeal, NEW_APPEAL, events))) {
          if (before.sending.state !== "drafting") expect(after.draft).toBe(before.draft);
        }
      }),
    );
  });

  test("once sent stays sent, and waits for no answer once its hook has gone", () => {
    fc.assert(
      fc.property(fc.array(appealEvent, { maxLength: 30 }), (events) => {
        const states = run(reduceAppeal, NEW_APPEAL, events);
        for (const [before, after] of pairs(states)) {
          if (before.sending.state === "sent") expect(after.sending).toBe(before.sending);
        }
        const last = states.at(-1) ?? NEW_APPEAL;
        expect(appealLeft(last).sending.state).not.toBe("submitting");
      }),
    );
  });

  test("that left the queue without having come can be put right", () => {
    const events: AppealEvent[] = [
      { type: "edited", draft: { text: LONG_ENOUGH } },
      { type: "queue", queuedAt: new Date(1) },
      { type: "queue", queuedAt: null },
    ];
    const last = events.reduce(reduceAppeal, NEW_APPEAL);
    expect(last.sending).toEqual({ state: "drafting", error: null });
    expect(last.draft.text).toBe(LONG_ENOUGH);
  });

  test.each([
    ["", 50, ["text-too-short"]],
    ["a".repeat(49), 1, ["text-too-short"]],
    [`  ${"a".repeat(49)}  `, 1, ["text-too-short"]],
    ["a".repeat(50), 0, []],
    // 25 emoji are 50 halves, and 25 characters.
    ["🙂".repeat(25), 25, ["text-too-short"]],
    ["a".repeat(2_000), 0, []],
    ["a".repeat(2_001), 0, ["text-too-long"]],
  ])("of %j lacks %i characters", (text, missing, problems) => {
    const check = checkAppeal({ reason: "art_or_parody", text, files: [] });
    expect(check).toMatchObject({ missing, problems });
  });

  test("needs a reason and files that are accepted", () => {
    const files = [
      new Blob(["a"], { type: "text/plain;charset=utf-8" }),
      new Blob(["<svg/>"], { type: "image/svg+xml" }),
    ];
    const check = checkAppeal({ reason: null, text: LONG_ENOUGH, files });
    expect(check.problems).toEqual(["reason-missing", "file-type"]);
  });
});

test("files that are too many, too large or of a wrong kind are named", () => {
  const plain = { uri: "file:///a", type: "application/pdf" };
  const large = new Blob([new Uint8Array(MAX_FILE_BYTES + 1)], { type: "image/png" });
  expect(fileProblems([plain], 1)).toEqual([]);
  expect(fileProblems([plain, { uri: "file:///b" }], 1)).toEqual(["too-many-files"]);
  expect(fileProblems([large], 1)).toEqual(["file-too-large"]);
  expect(fileProblems([{ uri: "file:///c", type: "video/mp4" }], 1)).toEqual(["file-type"]);
});

// ---- Shields --------------------------------------------------------------------------------

const shieldDocument: fc.Arbitrary<WithId<Shield>> = fc.record({
  id: fc.constantFrom("s1", "s2", "s3"),
  ownerId: fc.constant("a"),
  status: fc.constantFrom("pending", "active", "deleted"),
  createdAt: date,
  updatedAt: date,
});
const shieldList = fc.uniqueArray(shieldDocument, { selector: ({ id }) => id });
const shieldEvent: fc.Arbitrary<ShieldEvent> = fc.oneof(
  fc.record({ type: fc.constant("shields" as const), watched: watchedOf(shieldList) }),
  fc.record({ type: fc.constant("created" as const), shieldId: fc.constantFrom("s1", "s2") }),
  fc.record({ type: fc.constant("begun" as const), name: fc.constant("create") }),
  fc.record({
    type: fc.constant("done" as const),
    name: fc.constant("create"),
    value: fc.constant(null),
  }),
);

test("a shield is shown once it is there, never a deleted one, and no form for one just made", () => {
  fc.assert(
    fc.property(fc.array(shieldEvent), (events) => {
      for (const model of run(reduceShield, NO_SHIELD, events)) {
        if (model.watched.state !== "ready") continue;
        const shields = model.watched.value;
        const view = viewShield(model, shields, null);
        if (model.expected !== null) {
          expect(view.state).toBe("loading");
          expect(shields.map(({ id }) => id)).not.toContain(model.expected);
        } else if (view.state === "one") {
          const all = [view.shield, ...view.others];
          expect(all.every(({ status }) => status !== "deleted")).toBe(true);
          expect(all.every(({ createdAt }) => createdAt >= view.shield.createdAt)).toBe(true);
        } else {
          expect(view.state).toBe("none");
          expect(shields.every(({ status }) => status === "deleted")).toBe(true);
        }
      }
    }),
  );
});

// ---- Consent --------------------------------------------------------------------------------

const requestDocument: fc.Arbitrary<WithId<ConsentRequest>> = fc.record(
  {
    id: fc.uuid(),
    jobId: fc.constant("j"),
    uploaderId: fc.constant("a"),
    surface: fc.constant("feed" as const),
    status: fc.constantFrom("pending", "confirmed", "refused", "expired", "cancelled"),
    createdAt: date,
    expiresAt: date,
  },
  { requiredKeys: ["id", "jobId", "uploaderId", "surface", "createdAt", "expiresAt"] },
);

test("requests: each is in one of two lists, those without an answer apart, the newest first", () => {
  fc.assert(
    fc.property(fc.uniqueArray(requestDocument, { selector: ({ id }) => id }), (requests) => {
      const watched = { state: "ready", value: requests } as const;
      const model = reduceRequests(NO_REQUESTS, { type: "requests", watched });
      const { pending, settled } = viewRequests(model, requests);
      expect(pending.length + settled.length).toBe(requests.length);
      expect(pending.every(({ request }) => (request.status ?? "pending") === "pending")).toBe(
        true,
      );
      expect(settled.every(({ request }) => request.status !== "pending")).toBe(true);
      for (const list of [pending, settled]) {
        for (const [before, after] of pairs(list)) {
          expect(before.request.createdAt >= after.request.createdAt).toBe(true);
        }
      }
    }),
  );
});

const standing = (given: number): ConsentState => ({
  status: "awaiting",
  needed: 2,
  given,
  pending: 0,
  missing: 2 - given,
  text: "",
});
const awaiting: ScanView = {
  state: "finished",
  outcome: "awaiting-consent",
  jobId: "j",
  verdict: { action: "ALLOW", reasons: [], policyVersion: "1" },
  people: 2,
};
const consentEvent: fc.Arbitrary<ConsentEvent> = fc.oneof(
  fc.record({
    type: fc.constant("scan" as const),
    watched: watchedOf(
      fc.constantFrom<ScanView>(awaiting, {
        state: "scanning",
        jobId: "j",
        step: null,
        progress: 0,
      }),
    ),
  }),
  fc.record({
    type: fc.constant("requests" as const),
    watched: watchedOf(fc.array(requestDocument, { maxLength: 3 })),
  }),
  fc.record({ type: fc.constant("looking" as const), asked: fc.nat(9) }),
  fc.record({
    type: fc.constant("standing" as const),
    asked: fc.nat(9),
    event: fc.oneof(
      fc.nat(2).map((given) => ({ type: "value", value: standing(given) }) as const),
      fc.constant({ type: "failed", error: ERROR } as const),
    ),
  }),
);

test("consent: an answer to an earlier question never takes the place of a later one", () => {
  fc.assert(
    fc.property(fc.array(consentEvent), (events) => {
      const states = run(reduceConsent, NO_CONSENT, events);
      for (const [at, [before, after]] of pairs(states).entries()) {
        const event = events[at];
        expect(after.asked).toBeGreaterThanOrEqual(before.asked);
        if (event?.type === "standing" && event.asked < before.asked) {
          expect(after.standing).toBe(before.standing);
        }
      }
    }),
  );
});

test("consent is shown when all that it is made of is there, and asked for when it is judged", () => {
  fc.assert(
    fc.property(fc.array(consentEvent), (events) => {
      for (const model of run(reduceConsent, NO_CONSENT, events)) {
        const { scan, requests } = model;
        const isJudged = scan.state === "ready" && scan.value.state === "finished";
        expect(dependsOn(model) !== null).toBe(isJudged && requests.state === "ready");
        const view = viewConsent(model);
        if (view.state !== "ready" || view.value.state !== "ready") continue;
        expect([isJudged, requests.state, model.standing.state]).toEqual([true, "ready", "ready"]);
      }
    }),
  );
});

test("a renewed link takes the place of the lost one", () => {
  const links = (token: string | null): ConsentEvent => ({
    type: "links",
    questions: [{ requestId: "r", status: "pending", expiresAt: "2026-01-01T00:00:00Z", token }],
  });
  const tokens = [links("old"), links(null), links("new")].reduce(reduceConsent, NO_CONSENT).links;
  expect(tokens.map(({ token }) => token)).toEqual(["new"]);
});

// ---- Reports --------------------------------------------------------------------------------

const WHOLE: ReportDraft = {
  ...EMPTY_REPORT,
  kind: "ncii",
  media: [{ url: "https://example.com/post/1" }],
};
const submitted = {
  reportId: "r",
  status: "submitted",
  priority: 1,
  duplicate: false,
  takedowns: [],
} as const;
const reportEvent: fc.Arbitrary<ReportEvent> = fc.oneof(
  fc.constantFrom<ReportEvent>(
    { type: "edited", draft: WHOLE },
    { type: "edited", draft: { kind: null } },
    { type: "submitted" },
    { type: "failed", error: ERROR },
    { type: "queued", actionId: "q", queuedAt: new Date(1) },
    { type: "queue", actionIds: [] },
    { type: "queue", actionIds: ["q"] },
    { type: "sent", submitted },
    { type: "edit-again" },
    { type: "reset" },
    { type: "begun", name: "withdraw" },
    { type: "done", name: "withdraw", value: null },
  ),
);

describe("a report", () => {
  test("is sent only when it is whole; is never lost on its way", () => {
    fc.assert(
      fc.property(fc.array(reportEvent), (events) => {
        for (const [before, after] of pairs(run(reduceReport, NEW_REPORT, events))) {
          if (before.state === "drafting" && after.state === "submitting") {
            expect(inputOf(before.draft)).not.toBeNull();
          }
          if (after.state === "sent") expect(before.state).toMatch(/^(submitting|sent)$/);
          if (before.state === "submitting" && after.state !== "sent") {
            expect("draft" in after && after.draft).toBe(before.draft);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("waits for no answer once its hook has gone", () => {
    fc.assert(
      fc.property(fc.array(reportEvent), (events) => {
        const last = reportLeft(events.reduce(reduceReport, NEW_REPORT));
        expect(last.state).not.toBe("submitting");
        if (last.state === "sent") {
          expect(attemptOf(last.attempts, "withdraw").state).not.toBe("busy");
        }
      }),
    );
  });

  test.each<[Partial<ReportDraft>, string[]]>([
    [{}, []],
    [{ kind: null }, ["kind-missing"]],
    [{ media: [] }, ["media-missing"]],
    [{ media: [{ url: "  " }] }, ["media-missing"]],
    [{ media: [{ jobId: "j" }] }, []],
    [{ media: [{ url: "example.com/post" }] }, []],
    [{ media: [{ url: "no address" }] }, ["not-an-address"]],
    [{ media: [{ url: "javascript:alert(1)" }] }, ["not-an-address"]],
    [{ media: [{ url: "ftp://example.com" }] }, ["not-an-address"]],
    [{ media: Array.from({ length: 21 }, () => ({ jobId: "j" })) }, ["too-many-media"]],
    [{ description: "a".repeat(4_001) }, ["description-too-long"]],
    [{ name: "A. Person" }, ["contact-incomplete"]],
    [{ concernsMinor: true }, []],
    [{ concernsMinor: true, files: [{ uri: "file:///a" }] }, ["no-copies-of-minors"]],
    [{ name: "A. Person", mail: "nobody" }, ["not-a-mail-address"]],
    [{ name: "A. Person", mail: "a@example.com" }, []],
  ])("with %j has the problems %j", (draft, problems) => {
    expect(checkReport({ ...WHOLE, ...draft }).problems).toEqual(problems);
  });

  test("carries a statement only when both is declared and it is signed", () => {
    const whole = {
      capacity: "depicted",
      notConsensual: true,
      goodFaith: true,
      signature: " A. Person ",
    } as const;
    const input = inputOf({ ...WHOLE, statement: whole });
    expect(input?.statement).toEqual({ capacity: "depicted", signature: "A. Person" });
    for (const missing of [
      { capacity: null },
      { notConsensual: false },
      { goodFaith: false },
      { signature: " " },
    ]) {
      const draft = { ...WHOLE, statement: { ...whole, ...missing } };
      expect(checkReport(draft).problems).toEqual(["statement-incomplete"]);
      expect(inputOf(draft)).toBeNull();
    }
    expect(inputOf(WHOLE)?.statement).toBeUndefined();
  });
});

// ---- Notifications --------------------------------------------------------------------------

const notification: fc.Arbitrary<WithId<Notification>> = fc.record({
  id: fc.constantFrom("n1", "n2", "n3"),
  userId: fc.constant("a"),
  kind: fc.constant("upload_held" as const),
  createdAt: date,
  readAt: fc.option(date, { nil: null }),
  expireAt: date,
});
const notificationsEvent: fc.Arbitrary<NotificationsEvent> = fc.oneof(
  fc.record({
    type: fc.constant("notifications" as const),
    watched: watchedOf(fc.uniqueArray(notification, { selector: ({ id }) => id })),
  }),
  fc.record({
    type: fc.constantFrom("read" as const, "not-read" as const),
    id: fc.constantFrom("n1", "n2", "n3"),
  }),
);

test("notifications: as many are unread as are shown so, and reading one leaves one less", () => {
  fc.assert(
    fc.property(fc.array(notificationsEvent), (events) => {
      const states = run(reduceNotifications, NO_NOTIFICATIONS, events);
      for (const [at, [before, after]] of pairs(states).entries()) {
        const event = events[at];
        if (event?.type === "read" && unreadOf(before).includes(event.id)) {
          expect(unreadOf(after)).toEqual(unreadOf(before).filter((id) => id !== event.id));
        }
        if (after.watched.state !== "ready") continue;
        const view = viewNotifications(after, after.watched.value);
        expect(view.list.filter(({ isRead }) => !isRead)).toHaveLength(view.unread);
        expect(view.unread).toBe(unreadOf(after).length);
      }
    }),
  );
});
