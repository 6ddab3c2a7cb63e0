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
  useVictimShield,
  type Answered,
  type Attempt,
  type NotReady,
  type ReportView,
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
import { AppealPortalView } from "./appeal-portal-view.js";
import { ConsentConfirmationView, type ClaimAnswer } from "./consent-confirmation-view.js";
import { ConsentRequestView, type AskedState } from "./consent-request-view.js";
import { InLanguage, useScreens } from "./context.js";
import { MediaBlockedView, type ExplanationShown } from "./media-blocked-view.js";
import { NotificationListView } from "./notification-list-view.js";
import { FailedScreen, LoadingScreen } from "./parts/waiting.js";
import { pickerOf, type PickFiles } from "./pick-files.js";
import { ReportAbuseView, type ReportShown } from "./report-abuse-view.js";
import { VictimIdentityShieldView, type ShieldBusy } from "./victim-identity-shield-view.js";

function Localised(props: { readonly children: ReactNode }): ReactNode {
  const { language } = useMediaIntegrity();
  return <InLanguage language={language}>{props.children}</InLanguage>;
}

function Waiting(props: { readonly state: NotReady | { readonly state: "idle" } }): ReactNode {
  const { state } = props;
  return state.state === "failed" ? (
    <FailedScreen message={state.error.userMessage} onRetry={state.retry} />
  ) : (
    <LoadingScreen />
  );
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
  const pick = pickerOf(props.pickFiles);
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
          onReason={setReason}
          onText={setText}
          onRemoveFile={removeFile}
          onSubmit={() => {
            void submit();
          }}
          {...(pick === undefined
            ? {}
            : {
                onPickFiles: () => {
                  void pick({ kind: "evidence", multiple: true }).then(addFiles);
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
  const { consent, actions, confirmSelf, ask, offerStatement } = useConsent(props.jobId);
  const { findAccount } = props;
  if (consent.state === "scanning") return <LoadingScreen />;
  if (consent.state !== "ready") return <Waiting state={consent} />;
  const { statement } = actions;
  const claim = claimIn(statement);
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
      error={failureIn([actions.self, actions.ask, ...(claim === null ? [statement] : [])])}
      claim={claim}
      onSelf={() => {
        void confirmSelf();
      }}
      onMakeLink={() => {
        void ask([{ link: true }]);
      }}
      onRenewLink={(requestId) => {
        void ask([{ requestId }]);
      }}
      onStatement={(words) => {
        void offerStatement(words);
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
              void findAccount(typed).then((userId) =>
                userId === null ? undefined : ask([{ userId }]),
              );
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
  const pick = pickerOf(props.pickFiles);
  const [outcomes, setOutcomes] = useState<readonly PersonalHashOutcome[]>([]);
  if (shield.state !== "none" && shield.state !== "one") return <Waiting state={shield} />;
  const busy: readonly ShieldBusy[] = [
    "create",
    "update",
    "pause",
    "resume",
    "delete",
    "addReference",
    "removeReference",
    "submitHashes",
  ];
  return (
    <VictimIdentityShieldView
      shield={shield.state === "one" ? shield.shield : null}
      busy={busy.find((action) => actions[action].state === "busy") ?? null}
      error={failureIn(Object.values(actions))}
      outcomes={outcomes}
      onCreate={(level) => {
        void own.create({ level });
      }}
      onLevel={(level) => {
        void own.update({ level });
      }}
      onToggle={(toggle, on) => {
        const toggles = shield.state === "one" ? (shield.shield.toggles ?? {}) : {};
        void own.update({ toggles: { ...toggles, [toggle]: on } });
      }}
      onPause={() => {
        void own.pause();
      }}
      onResume={() => {
        void own.resume();
      }}
      onDelete={() => {
        void own.remove();
      }}
      onRemoveReference={(referenceId) => {
        void own.removeReference(referenceId);
      }}
      {...(pick === undefined
        ? {}
        : {
            onAddReference: () => {
              void pick({ kind: "reference", multiple: false }).then(([file]) =>
                file === undefined ? undefined : own.addReference(file),
              );
            },
            onProtectPictures: () => {
              void pick({ kind: "pictures", multiple: true }).then(async (files) => {
                if (files.length === 0) return;
                setOutcomes([]);
                const sent = await own.submitHashes(files);
                if (sent.result === "done") setOutcomes(sent.value);
              });
            },
          })}
    />
  );
}

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
  const pick = pickerOf(props.pickFiles);
  const shown = reportShown(report, reports);
  if (shown === null) return <LoadingScreen />;
  const withdrawing = report.state === "sent" ? report.withdrawing : null;
  if (withdrawing?.state === "failed") {
    return <FailedScreen message={withdrawing.error.userMessage} onRetry={() => void withdraw()} />;
  }
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
      {...(props.onLetter === undefined ? {} : { onLetter: props.onLetter })}
      {...(pick === undefined || report.state !== "drafting"
        ? {}
        : {
            onPickFiles: () => {
              const { files } = report.draft;
              void pick({ kind: "evidence", multiple: true }).then((picked) => {
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

function reportShown(report: ReportView, reports: readonly WithId<Report>[]): ReportShown | null {
  switch (report.state) {
    case "loading":
    case "signed-out":
      return null;
    case "drafting":
      return {
        state: "drafting",
        draft: report.draft,
        check: report.check,
        error: report.error?.userMessage ?? null,
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
