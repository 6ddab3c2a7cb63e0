/** Every view in every state, made up: for looking at, for screenshots, for tests. */

import type { ReactNode } from "react";
import {
  AppealPortalView,
  ConsentConfirmationView,
  ConsentRequestView,
  MediaBlockedView,
  NotificationListView,
  ProtectedBadge,
  ReportAbuseView,
  ScanProgressView,
  ShieldMatchView,
  VictimIdentityShieldView,
  type AskedState,
  type ReportShown,
  type ShieldMatchState,
} from "media-integrity-sdk/components";
import type {
  Appeal,
  Case,
  CaseView,
  MediaIntegrityErrorFields,
  NotificationKind,
  ReasonCode,
  Shield,
  Takedown,
  TakedownState,
  UploadState,
  VerdictSummary,
  WithId,
} from "media-integrity-sdk";

/** The made-up present, so that clocks stand still. */
export const NOW = new Date("2026-03-14T10:30:00Z");

const HOUR_MS = 3_600_000;
const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR_MS);
const nothing = () => undefined;

const error: MediaIntegrityErrorFields = {
  code: "unavailable",
  reason: null,
  retryable: true,
  retryAfterMs: null,
  until: null,
  userMessage: "Our service does not answer at the moment. Please try again soon.",
};

const verdict = (code: ReasonCode, appealable = true): VerdictSummary => ({
  action: "BLOCK",
  reasons: [{ code, text: "In English." }],
  policyVersion: "1",
  appealable,
});

const uploads: Readonly<Record<string, UploadState>> = {
  preparing: { state: "preparing" },
  uploading: { state: "uploading", sentBytes: 3_400_000, totalBytes: 8_100_000 },
  paused: { state: "paused", sentBytes: 3_400_000, totalBytes: 8_100_000 },
  offline: { state: "waiting-for-network", sentBytes: 3_400_000, totalBytes: 8_100_000 },
  scanning: { state: "scanning", jobId: "job", step: "examine", progress: 0.62 },
  failed: { state: "failed", error },
  "would-be-held": {
    state: "failed",
    error: {
      ...error,
      code: "upload-refused",
      reason: "would_be_held",
      retryable: false,
      userMessage: "This picture was not sent: our first check says that it would be held back.",
    },
  },
  cancelled: { state: "cancelled" },
  published: {
    state: "finished",
    outcome: "published",
    jobId: "job",
    verdict: { ...verdict("clean"), action: "ALLOW" },
    publishedPath: "media/a",
    previewPath: null,
    isProtected: true,
  },
  blurred: {
    state: "finished",
    outcome: "published",
    jobId: "job",
    verdict: { ...verdict("nudity_adult"), action: "BLUR" },
    publishedPath: "media/a",
    previewPath: "media/b",
    isProtected: false,
  },
  awaiting: {
    state: "finished",
    outcome: "awaiting-consent",
    jobId: "job",
    verdict: verdict("clean"),
    people: 3,
  },
  held: {
    state: "finished",
    outcome: "held",
    jobId: "job",
    caseId: "case",
    verdict: verdict("check_inconclusive"),
  },
  blocked: {
    state: "finished",
    outcome: "blocked",
    jobId: "job",
    caseId: "case",
    verdict: verdict("face_swapped"),
  },
  refused: {
    state: "finished",
    outcome: "refused",
    jobId: "job",
    reason: "damaged",
    text: "In English.",
  },
};

const appeal: WithId<Appeal> = {
  id: "case",
  caseId: "case",
  uploaderId: "me",
  reason: "not_synthetic",
  explanation:
    "I took this picture myself at my sister's wedding. The light came from a coloured lamp, and that is why the face looks unusual.",
  status: "pending",
  createdAt: NOW,
};

const found = (change: Partial<Case> = {}, view: Partial<CaseView> = {}): CaseView => ({
  case: {
    id: "case",
    uploaderId: "me",
    status: "ACTIONED",
    action: "BLOCK",
    violation: "face_swap",
    violations: [],
    severity: "HIGH",
    severityRank: 2,
    confidence: 0.93,
    explanation: [{ code: "face_swapped", text: "In English." }],
    sanction: "WARNING",
    needsConfirmation: true,
    appealable: true,
    policyVersion: "1",
    surface: "feed",
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  },
  appeal: null,
  mayAppeal: true,
  appealUntil: later(30 * 24),
  ...view,
});

const blocked = (
  outcome: "blocked" | "held",
  code: ReasonCode,
  view: CaseView | null,
): ReactNode => (
  <MediaBlockedView
    outcome={outcome}
    verdict={verdict(code)}
    found={view}
    explanation={{
      state: "ready",
      explanation: {
        caseId: "case",
        audience: "uploader",
        language: "en",
        decidedAt: NOW.toISOString(),
        sections: [],
        text: "What was decided\n- Your upload is blocked.\n\nWhat you can do\n- Appeal in the app.\n",
      },
    }}
    onAppeal={nothing}
    onAnother={nothing}
  />
);

const consent = {
  busy: null,
  links: [],
  requests: [],
  onSelf: nothing,
  onMakeLink: nothing,
  onRenewLink: nothing,
  onShare: nothing,
  onStatement: nothing,
} as const;

const preview =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><defs><filter id="b"><feGaussianBlur stdDeviation="4"/></filter></defs><rect width="40" height="30" fill="#8fb7c4"/><g filter="url(#b)"><circle cx="20" cy="13" r="7" fill="#d9b393"/><rect x="9" y="20" width="22" height="14" rx="7" fill="#3f5c78"/></g></svg>',
  );

const asked = (state: AskedState, more: { readonly byLink?: boolean } = {}): ReactNode => (
  <ConsentRequestView
    asked={state}
    onAnswer={nothing}
    onWithdraw={nothing}
    offers={["report", "shield"]}
    onOffer={nothing}
    {...more}
  />
);

const appealing = {
  onReason: nothing,
  onText: nothing,
  onPickFiles: nothing,
  onRemoveFile: nothing,
  onSubmit: nothing,
};

const shield = (change: Partial<Shield> = {}): WithId<Shield> => ({
  id: "shield",
  ownerId: "me",
  level: "enhanced",
  status: "active",
  toggles: { notifications: true, monitoring: false, legalSupport: false },
  statistics: { mediaBlocked: 3, mediaHeld: 1, attackersBlocked: 2, cases: 4 },
  references: { faces: 2, voices: 1, hashes: 5 },
  listed: [
    { id: "a", kind: "face", addedAt: later(-72) },
    { id: "b", kind: "voice", addedAt: later(-48) },
  ],
  blocksFrom: null,
  createdAt: later(-72),
  updatedAt: NOW,
  ...change,
});

const guarding = {
  onCreate: nothing,
  onLevel: nothing,
  onToggle: nothing,
  onPause: nothing,
  onResume: nothing,
  onDelete: nothing,
  onAddReference: nothing,
  onRemoveReference: nothing,
  onProtectPictures: nothing,
  now: NOW,
} as const;

const draft = {
  kind: null,
  concernsMinor: false,
  media: [],
  description: "",
  files: [],
  name: "",
  mail: "",
  statement: { capacity: null, notConsensual: false, goodFaith: false, signature: "" },
} as const;

const takedown = (
  id: string,
  state: TakedownState,
  platform: string,
  due: number,
): WithId<Takedown> => ({
  id,
  reportId: "report",
  reporterId: "me",
  media: { platform, url: platform === "own_app" ? null : `https://${platform}/post/1` },
  channel: platform === "own_app" ? "own" : "form",
  state,
  requestedAt: later(due - 48),
  dueAt: later(due),
  inTime: state === "removed" ? true : null,
  copiesRemoved: platform === "own_app" ? 2 : 0,
  createdAt: NOW,
  updatedAt: NOW,
});

const report = (shown: ReportShown): ReactNode => (
  <ReportAbuseView
    report={shown}
    onEdit={nothing}
    onPickFiles={nothing}
    onSubmit={nothing}
    onReset={nothing}
    onEditAgain={nothing}
    onWithdraw={nothing}
    onLetter={nothing}
    now={NOW}
  />
);

const asking = (match: ShieldMatchState) => (
  <ShieldMatchView match={match} onAnswer={nothing} onAgain={nothing} />
);

const KINDS: readonly NotificationKind[] = [
  "shield_media_blocked",
  "consent_requested",
  "upload_blocked",
  "appeal_decided",
  "takedown_changed",
];

/** By name: `media-blocked/likely` and the like. */
export const STATES: Readonly<Record<string, () => ReactNode>> = {
  ...Object.fromEntries(
    Object.entries(uploads).map(([name, upload]) => [
      `scan-progress/${name}`,
      () => (
        <ScanProgressView
          upload={upload}
          fileName="holiday.jpg"
          onPause={nothing}
          onResume={nothing}
          onCancel={nothing}
          onAgain={nothing}
          onSendAnyway={nothing}
          onDetails={nothing}
          onAskPeople={nothing}
        />
      ),
    ]),
  ),
  "protected-badge/short": () => <ProtectedBadge />,
  "protected-badge/full": () => <ProtectedBadge kind="full" />,
  "media-blocked/likely": () => blocked("blocked", "face_swapped", found()),
  "media-blocked/known": () =>
    blocked(
      "blocked",
      "bank_match_confirmed",
      found(
        {
          violation: "known_abusive_media",
          confidence: 1,
          explanation: [{ code: "bank_match_confirmed", text: "In English." }],
          sanction: "PERMANENT_BAN",
          needsConfirmation: true,
          appealable: false,
        },
        { mayAppeal: false, appealUntil: null },
      ),
    ),
  "media-blocked/held": () => blocked("held", "person_protected", null),
  "media-blocked/withdrawn": () => blocked("blocked", "consent_withdrawn", null),
  "media-blocked/appealed": () =>
    blocked("blocked", "face_swapped", found({}, { appeal, mayAppeal: false })),
  "media-blocked/released": () =>
    blocked(
      "held",
      "check_inconclusive",
      found({
        decision: {
          outcome: "release",
          reason: "We looked at it, and it is fine.",
          published: true,
          decidedAt: NOW,
        },
      }),
    ),
  "consent-confirmation/first": () => (
    <ConsentConfirmationView {...consent} consent={{ status: "awaiting", needed: 2, given: 0 }} />
  ),
  "consent-confirmation/asked": () => (
    <ConsentConfirmationView
      {...consent}
      consent={{ status: "awaiting", needed: 3, given: 1 }}
      requests={[
        { id: "a", status: "confirmed", subjectId: null },
        { id: "b", status: "pending", subjectId: null },
        { id: "c", status: "pending", subjectId: null },
      ]}
      links={[{ requestId: "c", url: "https://app.example/consent/4f1c9b7a2e" }]}
    />
  ),
  "consent-confirmation/error": () => (
    <ConsentConfirmationView
      {...consent}
      consent={{ status: "awaiting", needed: null, given: 0 }}
      error={error.userMessage}
    />
  ),
  "consent-confirmation/given": () => (
    <ConsentConfirmationView {...consent} consent={{ status: "given", needed: 2, given: 2 }} />
  ),
  "consent-confirmation/refused": () => (
    <ConsentConfirmationView {...consent} consent={{ status: "refused", needed: 2, given: 1 }} />
  ),
  "consent-confirmation/expired": () => (
    <ConsentConfirmationView {...consent} consent={{ status: "expired", needed: 2, given: 1 }} />
  ),
  "consent-request/open": () =>
    asked({ state: "open", surface: "feed", purpose: "publish", expiresAt: later(120), preview }),
  "consent-request/loading": () => asked({ state: "loading" }),
  "consent-request/missing": () => asked({ state: "missing" }),
  "consent-request/confirmed": () => asked({ state: "confirmed" }, { byLink: true }),
  "consent-request/refused": () => asked({ state: "refused" }),
  "consent-request/withdrawn": () => asked({ state: "withdrawn" }),
  "consent-request/taken-back": () => asked({ state: "taken-back" }),
  "consent-request/expired": () => asked({ state: "expired" }),
  "consent-request/cancelled": () => asked({ state: "cancelled" }),
  "consent-request/queued": () => asked({ state: "queued" }),
  "shield-match/open": () => asking({ state: "open" }),
  "shield-match/noted": () => asking({ state: "answered", outcome: "noted" }),
  "shield-match/blocked": () => asking({ state: "answered", outcome: "blocked" }),
  "shield-match/queued": () => asking({ state: "queued" }),
  "shield-match/decided": () => asking({ state: "decided" }),
  "shield-match/missing": () => asking({ state: "missing" }),
  "appeal-portal/empty": () => (
    <AppealPortalView
      {...appealing}
      appeal={{
        state: "drafting",
        draft: { reason: null, text: "", files: [] },
        check: { characters: 0, missing: 50, problems: ["reason-missing", "text-too-short"] },
        error: null,
        until: later(720),
      }}
    />
  ),
  "appeal-portal/draft": () => (
    <AppealPortalView
      {...appealing}
      appeal={{
        state: "drafting",
        draft: {
          reason: "not_synthetic",
          text: "I took this picture myself.",
          files: [{ uri: "file:///a", name: "original.jpg" }],
        },
        check: { characters: 27, missing: 23, problems: ["text-too-short"] },
        error,
        until: later(720),
      }}
    />
  ),
  "appeal-portal/sending": () => (
    <AppealPortalView
      {...appealing}
      appeal={{
        state: "submitting",
        draft: { reason: "not_synthetic", text: appeal.explanation, files: [] },
      }}
    />
  ),
  "appeal-portal/closed": () => (
    <AppealPortalView {...appealing} appeal={{ state: "closed", until: later(-24) }} />
  ),
  "appeal-portal/absent": () => <AppealPortalView {...appealing} appeal={{ state: "absent" }} />,
  "appeal-portal/queued": () => (
    <AppealPortalView {...appealing} appeal={{ state: "queued", queuedAt: NOW }} />
  ),
  "appeal-portal/sent": () => <AppealPortalView {...appealing} appeal={{ state: "sent" }} />,
  "appeal-portal/in-review": () => (
    <AppealPortalView {...appealing} appeal={{ state: "in-review", appeal }} />
  ),
  "appeal-portal/overturned": () => {
    const decision = {
      outcome: "overturned",
      reason: "The shadows fit the lamp that you describe. We are sorry for the trouble.",
      published: true,
      decidedAt: later(20),
    } as const;
    return (
      <AppealPortalView
        {...appealing}
        appeal={{
          state: "decided",
          outcome: "overturned",
          decision,
          appeal: { ...appeal, status: "overturned", decision },
        }}
      />
    );
  },
  "shield/none": () => <VictimIdentityShieldView {...guarding} shield={null} />,
  "shield/active": () => <VictimIdentityShieldView {...guarding} shield={shield()} />,
  "shield/young": () => (
    <VictimIdentityShieldView
      {...guarding}
      shield={shield({ level: "maximum", blocksFrom: later(18), statistics: {} })}
    />
  ),
  "shield/pending": () => (
    <VictimIdentityShieldView
      {...guarding}
      shield={shield({ status: "pending", references: {}, listed: [], statistics: {} })}
      outcomes={[{ pdq: "0", refused: "low_quality", text: "In English." }]}
    />
  ),
  "shield/paused": () => (
    <VictimIdentityShieldView {...guarding} shield={shield({ status: "paused" })} />
  ),
  "shield/disputed": () => (
    <VictimIdentityShieldView
      {...guarding}
      shield={shield({ status: "disputed" })}
      error={error.userMessage}
    />
  ),
  "report/empty": () =>
    report({
      state: "drafting",
      draft,
      check: { problems: ["kind-missing", "media-missing"], hasStatement: false },
      error: null,
    }),
  "report/signing": () =>
    report({
      state: "drafting",
      draft: {
        ...draft,
        kind: "ncii",
        media: [{ url: "https://photos.example/p/1" }, { jobId: "job" }],
        name: "Alex Example",
        mail: "alex@mail.example",
        statement: {
          capacity: "depicted",
          notConsensual: true,
          goodFaith: false,
          signature: "Alex Example",
        },
      },
      check: { problems: ["statement-incomplete"], hasStatement: false },
      error: null,
    }),
  "report/queued": () => report({ state: "queued" }),
  "report/left-queue": () => report({ state: "left-queue" }),
  "report/sent": () =>
    report({
      state: "sent",
      report: { status: "in_progress", createdAt: NOW },
      isDuplicate: false,
      takedowns: [
        takedown("a", "removed", "own_app", 40),
        takedown("b", "requested", "photos.example", 30),
        takedown("c", "acknowledged", "videos.example", 0.5),
        takedown("d", "expired", "boards.example", -5),
      ],
    }),
  "notifications/some": () => (
    <NotificationListView
      now={NOW}
      onOpen={nothing}
      notifications={KINDS.map((kind, index) => ({
        id: kind,
        userId: "me",
        kind,
        createdAt: later(-index * 20),
        expireAt: later(2000),
        isRead: index > 1,
      }))}
    />
  ),
  "notifications/none": () => (
    <NotificationListView now={NOW} onOpen={nothing} notifications={[]} />
  ),
};
