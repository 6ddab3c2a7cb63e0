/** The screens with their hooks. Each needs a `MediaIntegrityProvider` above it. */

import { useEffect, useState, type ReactNode } from "react";
import { Share } from "react-native";

import {
  useCase,
  useConsent,
  useConsentLink,
  useConsentRequests,
  useExplanation,
  useMediaIntegrity,
  useMediaIntegrityAppeal,
  useNotifications,
  useReport,
  useReports,
  useShieldMatch,
  useVictimShield,
  type Answered,
  type Attempt,
  type NotReady,
  type ReportView,
  type ShieldMatchAnswered,
} from "../react/index.js";
import { errorMessage } from "../i18n/errors.js";
import type { UploadOutcome, WithId } from "../types/client.js";
import type {
  ConsentPurpose,
  ConsentRequest,
  ConsentRequestStatus,
  Notification,
  Report,
  Surface,
  VerdictSummary,
} from "../types/generated/documents.js";
import type { ConsentAnswer, Offer, PersonalHashOutcome } from "../types/generated/messages.js";
import type { MediaSource } from "../types/port.js";
import { AppealPortalView } from "./appeal-portal-view.js";
import { ConsentConfirmationView, type ClaimAnswer } from "./consent-confirmation-view.js";
import { ConsentRequestView, type AskedState } from "./consent-request-view.js";
import { InLanguage, useScreens } from "./context.js";
import { MediaBlockedView, type ExplanationShown } from "./media-blocked-view.js";
import { NotificationListView } from "./notification-list-view.js";
import { FailedScreen, LoadingScreen, SignedOutScreen } from "./parts/waiting.js";
import { pickerOf, type FileWish, type PickFiles } from "./pick-files.js";
import { ReportAbuseView, type ReportShown } from "./report-abuse-view.js";
import { ShieldMatchView, type ShieldMatchState } from "./shield-match-view.js";
import { VictimIdentityShieldView, type ShieldBusy } from "./victim-identity-shield-view.js";

function Localised(props: { readonly children: ReactNode }): ReactNode {
  const { language } = useMediaIntegrity();
  return <InLanguage language={language}>{props.children}</InLanguage>;
}

function Waiting(props: { readonly state: NotReady | { readonly state: "idle" } }): ReactNode {
  const { state } = props;
  switch (state.state) {
    case "failed":
      return <FailedScreen message={state.error.userMessage} onRetry={state.retry} />;
    case "signed-out":
      return <SignedOutScreen />;
    case "idle":
    case "loading":
      return <LoadingScreen />;
  }
}

/** Files that the person chooses; undefined where there is no picker. */
interface Picking {
  readonly choose:
    ((wish: FileWish, take: (files: readonly MediaSource[]) => unknown) => void) | undefined;
  /** Why the last choice failed: a phone may refuse to open its pictures. */
  readonly problem: string | null;
  readonly dismiss: () => void;
}

function usePicking(given: PickFiles | undefined): Picking {
  const { words } = useScreens();
  const [isFailed, setFailed] = useState(false);
  const pick = pickerOf(given);
  return {
    choose:
      pick === undefined
        ? undefined
        : (wish, take) => {
            setFailed(false);
            // Called within a function, so that a picker that throws at once is a failure, too.
            const chosen = async () => take(await pick(wish));
            chosen().catch(() => {
              setFailed(true);
            });
          },
    problem: isFailed ? errorMessage(words.language, "file") : null,
    dismiss: () => {
      setFailed(false);
    },
  };
}

function failureIn(attempts: readonly Attempt<unknown>[]): string | null {
  for (const attempt of attempts) {
    if (attempt.state === "failed") return attempt.error.userMessage;
  }
  return null;
}

// ---- Blocked, appeal --------------------------------------------------------------------------

export interface MediaBlockedScreenProps {
  readonly caseId: string;
  /** As the upload ended; left out: what the case says. */
  readonly upload?: Extract<UploadOutcome, { readonly outcome: "held" | "blocked" }>;
  /** Opens {@link AppealPortal}. */
  readonly onAppeal?: () => void;
  readonly onAnother?: () => void;
}

/** Why an upload is held or blocked, and what can be done. */
export function MediaBlockedScreen(props: MediaBlockedScreenProps): ReactNode {
  return (
    <Localised>
      <Blocked {...props} />
    </Localised>
  );
}

function Blocked(props: MediaBlockedScreenProps): ReactNode {
  const { words } = useScreens();
  const found = useCase(props.caseId);
  const [isAsked, setAsked] = useState(false);
  const explanation = useExplanation(isAsked ? props.caseId : null);
  const view = found.state === "ready" ? found : null;
  const verdict: Pick<VerdictSummary, "reasons" | "appealable"> | null =
    props.upload?.verdict ??
    (view === null
      ? null
      : { reasons: view.case.explanation, appealable: view.case.appealable ?? false });
  if (verdict === null) {
    if (found.state === "absent") {
      return <FailedScreen message={errorMessage(words.language, "not-found")} />;
    }
    return found.state === "ready" ? <LoadingScreen /> : <Waiting state={found} />;
  }
  const outcome = props.upload?.outcome ?? (view?.case.action === "BLOCK" ? "blocked" : "held");
  return (
    <MediaBlockedView
      outcome={view?.case.decision?.outcome === "block" ? "blocked" : outcome}
      verdict={verdict}
      found={view}
      explanation={explanationShown(explanation)}
      onExplain={() => {
        setAsked(true);
      }}
      {...(props.onAppeal === undefined ? {} : { onAppeal: props.onAppeal })}
      {...(props.onAnother === undefined ? {} : { onAnother: props.onAnother })}
    />
  );
}

function explanationShown(explanation: ReturnType<typeof useExplanation>): ExplanationShown {
  switch (explanation.state) {
    case "ready":
      return { state: "ready", explanation: explanation.explanation };
    case "failed":
      return {
        state: "failed",
        message: explanation.error.userMessage,
        onRetry: explanation.retry,
      };
    case "idle":
    case "loading":
    case "signed-out":
      return { state: "loading" };
  }
}

export interface AppealPortalProps {
  readonly caseId: string;
  readonly pickFiles?: PickFiles;
}

/** Appeals against a decision, and shows what becomes of it. */
export function AppealPortal(props: AppealPortalProps): ReactNode {
  return (
    <Localised>
      <Portal {...props} />
    </Localised>
  );
}

function Portal(props: AppealPortalProps): ReactNode {
  const { appeal, setReason, setText, addFiles, removeFile, submit } = useMediaIntegrityAppeal(
    props.caseId,
  );
  const { choose, problem } = usePicking(props.pickFiles);
  switch (appeal.state) {
    case "idle":
    case "loading":
    case "signed-out":
    case "failed":
      return <Waiting state={appeal} />;
    default:
      return (
        <AppealPortalView
          appeal={appeal}
          pickingError={problem}
          onReason={setReason}
          onText={setText}
          onRemoveFile={removeFile}
          onSubmit={() => {
            void submit();
          }}
          {...(choose === undefined
            ? {}
            : {
                onPickFiles: () => {
                  choose({ kind: "evidence", multiple: true }, addFiles);
                },
              })}
        />
      );
  }
}

// ---- Consent ----------------------------------------------------------------------------------

export interface ConsentConfirmationProps {
  readonly jobId: string;
  /** The address of the app's page for a link's token; it shows {@link ConsentRequestScreen}. */
  readonly linkFor: (token: string) => string;
  /** Default: the system's way to share. */
  readonly onShare?: (url: string) => void;
  /** Turns what was typed into an account's id; left out: only links are offered. */
  readonly findAccount?: (typed: string) => Promise<string | null>;
}

/** The uploader's side of consent to one upload. */
export function ConsentConfirmation(props: ConsentConfirmationProps): ReactNode {
  return (
    <Localised>
      <Confirmation {...props} />
    </Localised>
  );
}

function Confirmation(props: ConsentConfirmationProps): ReactNode {
  const { words } = useScreens();
  const { consent, actions, confirmSelf, ask, offerStatement } = useConsent(props.jobId);
  const { findAccount } = props;
  const [last, setLast] = useState<"self" | "ask" | "statement">("self");
  const [notFound, setNotFound] = useState<string | null>(null);
  if (consent.state === "scanning") return <LoadingScreen />;
  if (consent.state !== "ready") return <Waiting state={consent} />;
  const { statement } = actions;
  const claim = claimIn(statement);
  const begin = (action: typeof last) => {
    setLast(action);
    setNotFound(null);
  };
  const askAccount = async (find: NonNullable<typeof findAccount>, typed: string) => {
    begin("ask");
    let userId: string | null;
    try {
      userId = await find(typed);
    } catch {
      setNotFound(errorMessage(words.language, "unavailable"));
      return;
    }
    if (userId === null) setNotFound(words.t("consent.noAccount"));
    else await ask([{ userId }]);
  };
  return (
    <ConsentConfirmationView
      consent={consent.consent}
      requests={consent.requests}
      links={consent.links.map(({ requestId, token }) => ({
        requestId,
        url: props.linkFor(token),
      }))}
      busy={
        actions.self.state === "busy"
          ? "self"
          : actions.ask.state === "busy"
            ? "ask"
            : statement.state === "busy"
              ? "statement"
              : null
      }
      error={
        notFound ?? (last === "statement" && claim !== null ? null : failureIn([actions[last]]))
      }
      claim={claim}
      onSelf={() => {
        begin("self");
        void confirmSelf();
      }}
      onMakeLink={() => {
        begin("ask");
        void ask([{ link: true }]);
      }}
      onRenewLink={(requestId) => {
        begin("ask");
        void ask([{ requestId }]);
      }}
      onStatement={(said) => {
        begin("statement");
        void offerStatement(said);
      }}
      onShare={
        props.onShare ??
        ((url) => {
          // Where the system cannot share, or the person thinks better of it, nothing happens.
          Share.share({ message: url }).catch(() => undefined);
        })
      }
      {...(findAccount === undefined
        ? {}
        : {
            onAskAccount: (typed: string) => {
              void askAccount(findAccount, typed);
            },
          })}
    />
  );
}

/** What the backend made of words in place of a consent: an answer in any case, and no failure. */
function claimIn(statement: Attempt<unknown>): ClaimAnswer | null {
  if (statement.state === "done") return { kind: null };
  const reason = statement.state === "failed" ? statement.error.reason : null;
  return reason?.startsWith(CLAIM) === true ? { kind: reason.slice(CLAIM.length) } : null;
}

/** How the backend's codes for such words begin; what they claim comes behind. */
const CLAIM = "claim_";

interface AskedProps {
  /** What the app offers after a no. */
  readonly onOffer?: (offer: Offer) => void;
}

export type ConsentRequestScreenProps = AskedProps &
  (
    | {
        readonly requestId: string;
        /** Makes an address of the preview's path in Cloud Storage. */
        readonly previewFor?: (path: string) => Promise<string>;
      }
    /** Out of a link. Nobody has to be signed in. */
    | { readonly token: string }
  );

/** The person shown is asked for their consent: in the app, or by a link. */
export function ConsentRequestScreen(props: ConsentRequestScreenProps): ReactNode {
  return <Localised>{"token" in props ? <ByLink {...props} /> : <InApp {...props} />}</Localised>;
}

function ByLink(props: AskedProps & { readonly token: string }): ReactNode {
  const { link, answering, answer, withdraw } = useConsentLink(props.token);
  if (link.state === "failed" && link.error.code !== "not-found" && link.error.code !== "invalid") {
    return <FailedScreen message={link.error.userMessage} onRetry={link.retry} />;
  }
  const asked: AskedState =
    link.state === "open"
      ? askedState(link.link.status, answering, {
          surface: link.link.surface,
          purpose: link.link.purpose,
          expiresAt: new Date(link.link.expiresAt),
          preview:
            link.link.preview === null ? null : `data:image/jpeg;base64,${link.link.preview}`,
          isWithdrawn: link.link.withdrawn,
        })
      : { state: link.state === "failed" ? "missing" : "loading" };
  return (
    <Asked
      {...props}
      asked={asked}
      answering={answering}
      answer={answer}
      withdraw={withdraw}
      byLink
    />
  );
}

function InApp(
  props: AskedProps & {
    readonly requestId: string;
    readonly previewFor?: (path: string) => Promise<string>;
  },
): ReactNode {
  const { requests, answer, withdraw } = useConsentRequests();
  const found =
    requests.state === "ready"
      ? [...requests.pending, ...requests.settled].find(
          ({ request }) => request.id === props.requestId,
        )
      : undefined;
  const preview = usePreview(found?.request ?? null, props.previewFor);
  if (requests.state !== "ready") return <Waiting state={requests} />;
  const answering: Attempt<Answered> = found?.answer ?? { state: "idle" };
  const asked: AskedState =
    found === undefined
      ? { state: "missing" }
      : askedState(found.request.status ?? "pending", answering, {
          surface: found.request.surface,
          purpose: found.request.purpose ?? "publish",
          expiresAt: found.request.expiresAt,
          preview,
          isWithdrawn: false,
        });
  return (
    <Asked
      {...props}
      asked={asked}
      answering={answering}
      answer={(given) => answer(props.requestId, given)}
      withdraw={() => withdraw(props.requestId)}
    />
  );
}

function Asked(
  props: AskedProps & {
    readonly asked: AskedState;
    readonly answering: Attempt<Answered>;
    readonly answer: (answer: ConsentAnswer) => Promise<unknown>;
    readonly withdraw: () => Promise<unknown>;
    readonly byLink?: boolean;
  },
): ReactNode {
  const { answering } = props;
  const [last, setLast] = useState<ConsentAnswer | "withdraw" | null>(null);
  const offers =
    answering.state === "done" && answering.value.how === "sent"
      ? answering.value.response.offers
      : OFFERS;
  return (
    <ConsentRequestView
      asked={props.asked}
      busy={answering.state === "busy" ? last : null}
      error={failureIn([answering])}
      byLink={props.byLink ?? false}
      offers={offers}
      {...(props.onOffer === undefined ? {} : { onOffer: props.onOffer })}
      onAnswer={(answer) => {
        setLast(answer);
        void props.answer(answer);
      }}
      onWithdraw={() => {
        setLast("withdraw");
        void props.withdraw();
      }}
    />
  );
}

const OFFERS: readonly Offer[] = ["report", "shield"];

function askedState(
  status: ConsentRequestStatus,
  answering: Attempt<Answered>,
  open: {
    readonly surface: Surface;
    readonly purpose: ConsentPurpose;
    readonly expiresAt: Date;
    readonly preview: string | null;
    readonly isWithdrawn: boolean;
  },
): AskedState {
  if (answering.state === "done") {
    const { value } = answering;
    if (value.how === "queued") return { state: "queued" };
    if (value.how === "withdrawn") return { state: "withdrawn" };
    switch (value.response.answer) {
      case "confirm":
        return { state: "confirmed" };
      case "refuse":
        return { state: "refused" };
      case "take_back":
        return { state: "taken-back" };
    }
  }
  if (open.isWithdrawn) return { state: "withdrawn" };
  if (status !== "pending") return { state: status };
  const { surface, purpose, expiresAt, preview } = open;
  return { state: "open", surface, purpose, expiresAt, preview };
}

function usePreview(
  request: WithId<ConsentRequest> | null,
  previewFor: ((path: string) => Promise<string>) | undefined,
): string | null {
  const path = request?.previewPath ?? null;
  const [found, setFound] = useState<{ readonly path: string; readonly url: string } | null>(null);
  useEffect(() => {
    if (path === null || previewFor === undefined) return undefined;
    let isShown = true;
    previewFor(path).then(
      (url) => {
        if (isShown) setFound({ path, url });
      },
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [path, previewFor]);
  return found !== null && found.path === path ? found.url : null;
}

// ---- Shield -----------------------------------------------------------------------------------

export interface VictimIdentityShieldProps {
  /** Another than the first. */
  readonly shieldId?: string;
  readonly pickFiles?: PickFiles;
}

/** One's own shield. */
export function VictimIdentityShield(props: VictimIdentityShieldProps): ReactNode {
  return (
    <Localised>
      <OwnShield {...props} />
    </Localised>
  );
}

function OwnShield(props: VictimIdentityShieldProps): ReactNode {
  const own = useVictimShield({ shieldId: props.shieldId ?? null });
  const { shield, actions } = own;
  const { choose, problem, dismiss } = usePicking(props.pickFiles);
  const [outcomes, setOutcomes] = useState<readonly PersonalHashOutcome[]>([]);
  if (shield.state !== "none" && shield.state !== "one") return <Waiting state={shield} />;
  const protect = async (files: readonly MediaSource[]) => {
    setOutcomes([]);
    const sent = await own.submitHashes(files);
    if (sent.result === "done") setOutcomes(sent.value);
  };
  /** What was wrong before is not wrong with this. */
  const begin = (act: () => Promise<unknown>) => {
    dismiss();
    for (const action of SHIELD_ACTIONS) {
      if (actions[action].state === "failed") own.dismiss(action);
    }
    void act();
  };
  return (
    <VictimIdentityShieldView
      shield={shield.state === "one" ? shield.shield : null}
      busy={SHIELD_ACTIONS.find((action) => actions[action].state === "busy") ?? null}
      error={problem ?? failureIn(Object.values(actions))}
      outcomes={outcomes}
      onCreate={(level) => {
        begin(() => own.create({ level }));
      }}
      onLevel={(level) => {
        begin(() => own.update({ level }));
      }}
      onToggle={(toggle, on) => {
        const toggles = shield.state === "one" ? (shield.shield.toggles ?? {}) : {};
        begin(() => own.update({ toggles: { ...toggles, [toggle]: on } }));
      }}
      onPause={() => {
        begin(() => own.pause());
      }}
      onResume={() => {
        begin(() => own.resume());
      }}
      onDelete={() => {
        begin(() => own.remove());
      }}
      onRemoveReference={(referenceId) => {
        begin(() => own.removeReference(referenceId));
      }}
      {...(choose === undefined
        ? {}
        : {
            onAddReference: () => {
              choose({ kind: "reference", multiple: false }, ([file]) => {
                if (file !== undefined) begin(() => own.addReference(file));
              });
            },
            onProtectPictures: () => {
              choose({ kind: "pictures", multiple: true }, (files) => {
                if (files.length > 0) begin(() => protect(files));
              });
            },
          })}
    />
  );
}

const SHIELD_ACTIONS: readonly ShieldBusy[] = [
  "create",
  "update",
  "pause",
  "resume",
  "delete",
  "addReference",
  "removeReference",
  "submitHashes",
];

// ---- Reports ----------------------------------------------------------------------------------

export interface ReportAbuseProps {
  readonly pickFiles?: PickFiles;
  /** Shows the letter to a platform. Left out: no button for it. */
  readonly onLetter?: (takedownId: string) => void;
}

/** Reports abuse, and shows what becomes of it. */
export function ReportAbuse(props: ReportAbuseProps): ReactNode {
  return (
    <Localised>
      <Abuse {...props} />
    </Localised>
  );
}

const MINUTE_MS = 60_000;

function Abuse(props: ReportAbuseProps): ReactNode {
  const { report, edit, submit, withdraw, editAgain, reset } = useReport();
  const { reports } = useReportsList();
  const now = useNow(MINUTE_MS);
  const { choose, problem } = usePicking(props.pickFiles);
  if (report.state === "signed-out") return <SignedOutScreen />;
  const shown = reportShown(report, reports, problem);
  if (shown === null) return <LoadingScreen />;
  const withdrawing = report.state === "sent" ? report.withdrawing : null;
  return (
    <ReportAbuseView
      report={shown}
      now={now}
      onEdit={edit}
      onSubmit={() => {
        void submit();
      }}
      onReset={reset}
      onEditAgain={editAgain}
      onWithdraw={() => {
        void withdraw();
      }}
      isWithdrawing={withdrawing?.state === "busy"}
      withdrawError={withdrawing === null ? null : failureIn([withdrawing])}
      {...(props.onLetter === undefined ? {} : { onLetter: props.onLetter })}
      {...(choose === undefined || report.state !== "drafting"
        ? {}
        : {
            onPickFiles: () => {
              const { files } = report.draft;
              choose({ kind: "evidence", multiple: true }, (picked) => {
                edit({ files: [...files, ...picked] });
              });
            },
          })}
    />
  );
}

function useReportsList(): { readonly reports: readonly WithId<Report>[] } {
  const found = useReports();
  return { reports: found.state === "ready" ? found.reports : [] };
}

function reportShown(
  report: ReportView,
  reports: readonly WithId<Report>[],
  pickingError: string | null,
): ReportShown | null {
  switch (report.state) {
    case "loading":
    case "signed-out":
      return null;
    case "drafting":
      return {
        state: "drafting",
        draft: report.draft,
        check: report.check,
        error: pickingError ?? report.error?.userMessage ?? null,
      };
    case "submitting":
      return { state: "submitting", draft: report.draft };
    case "queued":
    case "left-queue":
      return { state: report.state };
    case "sent":
      return {
        state: "sent",
        report: reports.find(({ id }) => id === report.submitted.reportId) ?? null,
        takedowns: report.takedowns.state === "ready" ? report.takedowns.takedowns : [],
        isDuplicate: report.submitted.duplicate,
      };
  }
}

function useNow(everyMs: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const clock = setInterval(() => {
      setNow(new Date());
    }, everyMs);
    return () => {
      clearInterval(clock);
    };
  }, [everyMs]);
  return now;
}

// ---- Shield match ------------------------------------------------------------------------------

export interface ShieldMatchProps {
  /** Of a notification of the kind `shield_media_held` or `shield_rescan_found`. */
  readonly caseId: string;
}

/** The owner of a shield says what they think of an upload that may show them. */
export function ShieldMatch(props: ShieldMatchProps): ReactNode {
  return (
    <Localised>
      <Match {...props} />
    </Localised>
  );
}

function Match({ caseId }: ShieldMatchProps): ReactNode {
  const { user } = useMediaIntegrity();
  const { answering, answer, again } = useShieldMatch(caseId);
  if (user.state !== "signed-in") {
    return user.state === "unknown" ? <LoadingScreen /> : <SignedOutScreen />;
  }
  const match = matchState(answering);
  return (
    <ShieldMatchView
      match={match}
      busy={answering.state === "busy"}
      error={match.state === "open" ? failureIn([answering]) : null}
      onAnswer={(said) => {
        void answer(said);
      }}
      onAgain={again}
    />
  );
}

function matchState(answering: Attempt<ShieldMatchAnswered>): ShieldMatchState {
  if (answering.state === "failed") {
    const { code } = answering.error;
    if (code === "conflict") return { state: "decided" };
    return { state: code === "not-found" ? "missing" : "open" };
  }
  if (answering.state !== "done") return { state: "open" };
  if (answering.value.how === "queued") return { state: "queued" };
  const { outcome } = answering.value;
  return {
    state: "answered",
    outcome: outcome === "blocked" || outcome === "released" ? outcome : "noted",
  };
}

// ---- Notifications ----------------------------------------------------------------------------

export interface NotificationListProps {
  /** After it was marked as read: opens what it is about. */
  readonly onOpen?: (notification: WithId<Notification>) => void;
}

/** What this person was told; read once opened. */
export function NotificationList(props: NotificationListProps): ReactNode {
  return (
    <Localised>
      <Told {...props} />
    </Localised>
  );
}

function Told(props: NotificationListProps): ReactNode {
  const { notifications, markRead } = useNotifications();
  if (notifications.state !== "ready") return <Waiting state={notifications} />;
  return (
    <NotificationListView
      notifications={notifications.list}
      onOpen={(notification) => {
        void markRead(notification.id);
        props.onOpen?.(notification);
      }}
    />
  );
}
