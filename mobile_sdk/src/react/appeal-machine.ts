import type {
  Appeal,
  AppealDecision,
  AppealReason,
  CaseView,
  MediaIntegrityErrorFields,
  MediaSource,
  WithId,
} from "../types/index.js";
import { LIMITS } from "../types/generated/functions.js";
import { fileProblems, type FileProblem } from "./evidence-files.js";
import type { Watched } from "./watch-machine.js";

export interface AppealDraft {
  readonly reason: AppealReason | null;
  readonly text: string;
  readonly files: readonly MediaSource[];
}

export type AppealProblem = "reason-missing" | "text-too-short" | "text-too-long" | FileProblem;

/** What is still to be done before a draft can be sent. */
export interface AppealCheck {
  /** That count: without space around the text. */
  readonly characters: number;
  /** Characters to the minimum; 0 when there are enough. */
  readonly missing: number;
  /** Empty: it can be sent. */
  readonly problems: readonly AppealProblem[];
}

export const EMPTY_APPEAL: AppealDraft = { reason: null, text: "", files: [] };

/** The backend's bounds. An emoji is one character to its eyes; here it is two at the upper one. */
export function checkAppeal({ reason, text, files }: AppealDraft): AppealCheck {
  const counted = text.trim();
  const characters = [...counted].length;
  const problems: AppealProblem[] = [];
  if (reason === null) problems.push("reason-missing");
  if (characters < LIMITS.appealMinCharacters) problems.push("text-too-short");
  if (counted.length > LIMITS.appealMaxCharacters) problems.push("text-too-long");
  problems.push(...fileProblems(files, LIMITS.appealMaxFiles));
  return {
    characters,
    missing: Math.max(0, LIMITS.appealMinCharacters - characters),
    problems,
  };
}

/** How far the draft has come on this device. */
type Sending =
  | { readonly state: "drafting"; readonly error: MediaIntegrityErrorFields | null }
  | { readonly state: "submitting" }
  | { readonly state: "queued"; readonly queuedAt: Date }
  | { readonly state: "sent" };

/** The draft and the case come from two sides; any of one may meet any of the other. */
export interface AppealModel {
  readonly watched: Watched<CaseView | null>;
  readonly draft: AppealDraft;
  readonly sending: Sending;
}

export type AppealEvent =
  | { readonly type: "case"; readonly watched: Watched<CaseView | null> }
  | { readonly type: "edited"; readonly draft: Partial<AppealDraft> }
  | { readonly type: "submitted" }
  | { readonly type: "sent" }
  | { readonly type: "failed"; readonly error: MediaIntegrityErrorFields }
  /** What the offline queue has of this case; null: nothing. */
  | { readonly type: "queue"; readonly queuedAt: Date | null };

export const NEW_APPEAL: AppealModel = {
  watched: { state: "loading" },
  draft: EMPTY_APPEAL,
  sending: { state: "drafting", error: null },
};

export function mayEdit(model: AppealModel): boolean {
  return model.sending.state === "drafting";
}

export function maySubmit({ watched, draft, sending }: AppealModel): boolean {
  return (
    sending.state === "drafting" &&
    watched.state === "ready" &&
    watched.value?.mayAppeal === true &&
    watched.value.appeal === null &&
    checkAppeal(draft).problems.length === 0
  );
}

export function reduceAppeal(model: AppealModel, event: AppealEvent): AppealModel {
  const { sending } = model;
  switch (event.type) {
    case "case":
      return model.watched === event.watched ? model : { ...model, watched: event.watched };
    case "edited":
      return mayEdit(model) ? { ...model, draft: { ...model.draft, ...event.draft } } : model;
    case "submitted":
      return maySubmit(model) ? { ...model, sending: { state: "submitting" } } : model;
    case "sent":
      return sending.state === "submitting" || sending.state === "queued"
        ? { ...model, sending: { state: "sent" } }
        : model;
    case "failed":
      return sending.state === "submitting"
        ? { ...model, sending: { state: "drafting", error: event.error } }
        : model;
    case "queue":
      return queueTold(model, event.queuedAt);
  }
}

/** Out of the queue without an appeal: it was refused, and can be put right and sent again. */
function queueTold(model: AppealModel, queuedAt: Date | null): AppealModel {
  const { sending } = model;
  if (queuedAt === null) {
    return sending.state === "queued"
      ? { ...model, sending: { state: "drafting", error: null } }
      : model;
  }
  const isKnown = sending.state === "queued" && sending.queuedAt.getTime() === queuedAt.getTime();
  return isKnown || sending.state === "sent"
    ? model
    : { ...model, sending: { state: "queued", queuedAt } };
}

/** The hook has gone: nobody waits for the answer, the draft can be looked at again. */
export function appealLeft(model: AppealModel): AppealModel {
  return model.sending.state === "submitting"
    ? { ...model, sending: { state: "drafting", error: null } }
    : model;
}

/** What a screen shows: exactly one of these. */
export type AppealView =
  /** There is no such case, or it is not this person's. */
  | { readonly state: "absent" }
  /** No appeal is possible (any more). `until`: when the time was over, where that is why. */
  | { readonly state: "closed"; readonly until: Date | null }
  | {
      readonly state: "drafting";
      readonly draft: AppealDraft;
      readonly check: AppealCheck;
      /** Why it could not be sent the last time. */
      readonly error: MediaIntegrityErrorFields | null;
      readonly until: Date | null;
    }
  | { readonly state: "submitting"; readonly draft: AppealDraft }
  /** Waits for a connection and goes on by itself, also after a restart. */
  | { readonly state: "queued"; readonly queuedAt: Date }
  | { readonly state: "sent" }
  /** Received; nobody has taken it yet. */
  | { readonly state: "waiting"; readonly appeal: WithId<Appeal> }
  | { readonly state: "in-review"; readonly appeal: WithId<Appeal> }
  | {
      readonly state: "decided";
      readonly outcome: AppealDecision["outcome"];
      readonly decision: AppealDecision | null;
      readonly appeal: WithId<Appeal>;
    };

/** What is shown once the case is there. The backend's word on an appeal comes before the device's. */
export function viewAppeal(
  { draft, sending }: Pick<AppealModel, "draft" | "sending">,
  found: CaseView | null,
): AppealView {
  if (found === null) return { state: "absent" };
  if (found.appeal !== null) return viewHeard(found.appeal);
  switch (sending.state) {
    case "queued":
      return { state: "queued", queuedAt: sending.queuedAt };
    case "sent":
      return { state: "sent" };
    case "submitting":
      return { state: "submitting", draft };
    case "drafting": {
      const until = found.appealUntil;
      return found.mayAppeal
        ? { state: "drafting", draft, check: checkAppeal(draft), error: sending.error, until }
        : { state: "closed", until };
    }
  }
}

function viewHeard(appeal: WithId<Appeal>): AppealView {
  switch (appeal.status) {
    case "in_review":
      return { state: "in-review", appeal };
    case "rejected":
    case "upheld":
    case "overturned":
      return {
        state: "decided",
        outcome: appeal.status,
        decision: appeal.decision ?? null,
        appeal,
      };
    default:
      return { state: "waiting", appeal };
  }
}
