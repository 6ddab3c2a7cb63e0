import type {
  Capacity,
  MediaIntegrityErrorFields,
  MediaSource,
  ReportInput,
  ReportKind,
  SubmittedReport,
} from "../types/index.js";
import { LIMITS } from "../types/generated/functions.js";
import {
  attemptsLeft,
  reduceAttempts,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import { fileProblems, type FileProblem } from "./evidence-files.js";

/** One place where the media is: an address, or an upload of this app. */
export type ReportedPlace = { readonly url: string } | { readonly jobId: string };

export interface ReportDraft {
  readonly kind: ReportKind | null;
  readonly concernsMinor: boolean;
  readonly media: readonly ReportedPlace[];
  readonly description: string;
  readonly files: readonly MediaSource[];
  /** Whom a platform may answer; kept sealed. Both or none. */
  readonly name: string;
  readonly mail: string;
  readonly statement: StatementDraft;
}

/** Both declarations are ticked and a full name signs them, or there is no statement. */
export interface StatementDraft {
  readonly capacity: Capacity | null;
  readonly notConsensual: boolean;
  readonly goodFaith: boolean;
  readonly signature: string;
}

export type ReportProblem =
  | "kind-missing"
  | "media-missing"
  | "too-many-media"
  | "not-an-address"
  | "description-too-long"
  | "contact-incomplete"
  | "not-a-mail-address"
  | "statement-incomplete"
  /** Of a minor nobody should make copies: the addresses will do. */
  | "no-copies-of-minors"
  | FileProblem;

export interface ReportCheck {
  /** Empty: it can be sent. */
  readonly problems: readonly ReportProblem[];
  /** With a whole statement media of this app is taken down at once. */
  readonly hasStatement: boolean;
}

export const EMPTY_REPORT: ReportDraft = {
  kind: null,
  concernsMinor: false,
  media: [],
  description: "",
  files: [],
  name: "",
  mail: "",
  statement: { capacity: null, notConsensual: false, goodFaith: false, signature: "" },
};

/** Characters, as the backend has it. */
export const MAX_DESCRIPTION = 4_000;

export function checkReport(draft: ReportDraft): ReportCheck {
  const { media, statement } = draft;
  const problems: ReportProblem[] = [];
  const places = media.filter((place) => !("url" in place) || place.url.trim() !== "");
  if (draft.kind === null) problems.push("kind-missing");
  if (places.length === 0) problems.push("media-missing");
  if (places.length > LIMITS.reportMaxMedia) problems.push("too-many-media");
  if (places.some((place) => "url" in place && !isAddress(place.url))) {
    problems.push("not-an-address");
  }
  if (draft.description.length > MAX_DESCRIPTION) problems.push("description-too-long");
  const [name, mail] = [draft.name.trim(), draft.mail.trim()];
  if ((name === "") !== (mail === "")) problems.push("contact-incomplete");
  if (mail !== "" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(mail)) problems.push("not-a-mail-address");
  const hasStatement = isWhole(statement);
  if (!hasStatement && isBegun(statement)) problems.push("statement-incomplete");
  if (draft.concernsMinor && draft.files.length > 0) problems.push("no-copies-of-minors");
  problems.push(...fileProblems(draft.files, LIMITS.reportMaxFiles));
  return { problems, hasStatement };
}

function isWhole({ capacity, notConsensual, goodFaith, signature }: StatementDraft): boolean {
  return capacity !== null && notConsensual && goodFaith && signature.trim() !== "";
}

function isBegun({ notConsensual, goodFaith, signature }: StatementDraft): boolean {
  return notConsensual || goodFaith || signature.trim() !== "";
}

/** A web page's. `https://` may be left out, as the backend allows. */
function isAddress(text: string): boolean {
  const address = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  if (!/^https?:\/\/[^\s/?#]+\.[^\s/?#]+/i.test(whole)) return false;
  try {
    return new URL(whole).hostname.length > 0;
  } catch {
    return false;
  }
}

/** What is sent; null while something is missing. */
export function inputOf(draft: ReportDraft): ReportInput | null {
  const { problems, hasStatement } = checkReport(draft);
  const { kind, statement } = draft;
  if (kind === null || problems.length > 0) return null;
  const [name, mail] = [draft.name.trim(), draft.mail.trim()];
  const { capacity } = statement;
  return {
    kind,
    concernsMinor: draft.concernsMinor,
    media: draft.media.flatMap((place): ReportedPlace[] => {
      if (!("url" in place)) return [place];
      const url = place.url.trim();
      return url === "" ? [] : [{ url }];
    }),
    description: draft.description.trim(),
    files: draft.files,
    ...(name !== "" && { victim: { name, mail } }),
    ...(hasStatement &&
      capacity !== null && { statement: { capacity, signature: statement.signature.trim() } }),
  };
}

/** How far this report has come on this device. */
export type ReportModel =
  | {
      readonly state: "drafting";
      readonly draft: ReportDraft;
      readonly error: MediaIntegrityErrorFields | null;
    }
  | { readonly state: "submitting"; readonly draft: ReportDraft }
  | {
      readonly state: "queued";
      readonly draft: ReportDraft;
      readonly actionId: string;
      readonly queuedAt: Date;
    }
  /** It has left the offline queue; it is among the reports if it was accepted. */
  | { readonly state: "left-queue"; readonly draft: ReportDraft }
  | { readonly state: "sent"; readonly submitted: SubmittedReport; readonly attempts: Attempts };

export type ReportEvent =
  | { readonly type: "edited"; readonly draft: Partial<ReportDraft> }
  | { readonly type: "submitted" }
  | { readonly type: "failed"; readonly error: MediaIntegrityErrorFields }
  | { readonly type: "queued"; readonly actionId: string; readonly queuedAt: Date }
  /** Ids of what is in the offline queue. */
  | { readonly type: "queue"; readonly actionIds: readonly string[] }
  | { readonly type: "sent"; readonly submitted: SubmittedReport }
  /** Back to a draft that was queued and has left the queue. */
  | { readonly type: "edit-again" }
  | { readonly type: "reset" }
  /** Of taking back what was sent. */
  | AttemptEvent;

/** The one thing that can still be done with a report that was sent. */
export const WITHDRAW = "withdraw";

export const NEW_REPORT: ReportModel = { state: "drafting", draft: EMPTY_REPORT, error: null };

export function reduceReport(model: ReportModel, event: ReportEvent): ReportModel {
  switch (event.type) {
    case "edited":
      return model.state === "drafting"
        ? { ...model, draft: { ...model.draft, ...event.draft } }
        : model;
    case "submitted":
      return model.state === "drafting" && inputOf(model.draft) !== null
        ? { state: "submitting", draft: model.draft }
        : model;
    case "failed":
      return model.state === "submitting"
        ? { state: "drafting", draft: model.draft, error: event.error }
        : model;
    case "queued": {
      const { actionId, queuedAt } = event;
      return model.state === "submitting"
        ? { state: "queued", draft: model.draft, actionId, queuedAt }
        : model;
    }
    case "queue":
      return model.state === "queued" && !event.actionIds.includes(model.actionId)
        ? { state: "left-queue", draft: model.draft }
        : model;
    case "sent":
      return model.state === "submitting"
        ? { state: "sent", submitted: event.submitted, attempts: {} }
        : model;
    case "edit-again":
      return model.state === "left-queue"
        ? { state: "drafting", draft: model.draft, error: null }
        : model;
    case "reset":
      return model.state === "submitting" ? model : NEW_REPORT;
    default: {
      if (model.state !== "sent") return model;
      const attempts = reduceAttempts(model.attempts, event);
      return attempts === model.attempts ? model : { ...model, attempts };
    }
  }
}

/** The hook has gone: nobody waits for the answer, the draft can be looked at again. */
export function reportLeft(model: ReportModel): ReportModel {
  if (model.state === "sent") return { ...model, attempts: attemptsLeft(model.attempts) };
  return model.state === "submitting"
    ? { state: "drafting", draft: model.draft, error: null }
    : model;
}
