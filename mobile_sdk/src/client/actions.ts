/** What can wait for a connection: what is stored of it, and in what order it is done. */

import type { QueuedAction } from "../types/client.js";
import type { AppealReason } from "../types/generated/documents.js";
import type { ConsentAnswer, ShieldAnswer, SubmitReport } from "../types/generated/messages.js";
import { isFields } from "./reading.js";

/** An action as it is asked for. `F`: its files, given now or found again by a bookmark. */
export type Action<F> =
  | {
      readonly kind: "appeal";
      readonly caseId: string;
      readonly reason: AppealReason;
      readonly explanation: string;
      readonly files: readonly F[];
    }
  | {
      readonly kind: "consent-answer";
      readonly key: { readonly requestId: string } | { readonly token: string };
      readonly answer: ConsentAnswer;
    }
  | {
      readonly kind: "report";
      /** With the draft's id, without the files' paths. */
      readonly request: SubmitReport;
      readonly files: readonly F[];
    }
  | { readonly kind: "shield-answer"; readonly caseId: string; readonly answer: ShieldAnswer }
  | { readonly kind: "read"; readonly notificationId: string };

/** A file that goes with an action: where it is put, and the word by which it is found again. */
export interface KeptFile {
  readonly path: string;
  readonly type: string;
  readonly bookmark: string;
}

export type KeptAction = Action<KeptFile> & {
  readonly id: string;
  readonly queuedAt: string;
  readonly tries: number;
};

/** What actions on the same thing have in common: they are done in their order. */
export function subjectOf(action: Action<unknown>): string {
  switch (action.kind) {
    case "appeal":
      return `appeal ${action.caseId}`;
    case "consent-answer":
      return "token" in action.key
        ? `consent ${action.key.token}`
        : `consent ${action.key.requestId}`;
    case "report":
      return `report ${action.request.draftId}`;
    case "shield-answer":
      return `shield ${action.caseId}`;
    case "read":
      return `read ${action.notificationId}`;
  }
}

/**
 * Whether `later` takes the place of `earlier`, which was never sent: a no that of a yes, so that
 * nothing is published in between; the same thing once more.
 */
export function replaces(later: Action<unknown>, earlier: Action<unknown>): boolean {
  if (subjectOf(later) !== subjectOf(earlier)) return false;
  if (later.kind === "consent-answer" && earlier.kind === "consent-answer") {
    const isNo = later.answer === "refuse" && earlier.answer === "confirm";
    return isNo || later.answer === earlier.answer;
  }
  if (later.kind === "shield-answer" && earlier.kind === "shield-answer") {
    return earlier.answer === "agree" || later.answer === earlier.answer;
  }
  return later.kind === "read";
}

/** What an app may know of it: no token, no name, no text. */
export function shown(action: KeptAction): QueuedAction {
  const { id } = action;
  const queuedAt = new Date(action.queuedAt);
  switch (action.kind) {
    case "appeal":
      return { id, kind: action.kind, caseId: action.caseId, queuedAt };
    case "shield-answer":
      return { id, kind: action.kind, caseId: action.caseId, queuedAt };
    case "consent-answer":
    case "report":
    case "read":
      return { id, kind: action.kind, queuedAt };
  }
}

/** The stored actions; what is not understood is left out. */
export function parseActions(text: string | null): readonly KeptAction[] {
  if (text === null) return [];
  try {
    const stored: unknown = JSON.parse(text);
    return Array.isArray(stored) ? stored.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(value: unknown): value is KeptAction {
  if (!isFields(value) || !hasTexts(value, "id", "kind", "queuedAt")) return false;
  if (Number.isNaN(Date.parse(String(value["queuedAt"])))) return false;
  if (typeof value["tries"] !== "number") return false;
  switch (value["kind"]) {
    case "appeal":
      return hasTexts(value, "caseId", "reason", "explanation") && hasFiles(value);
    case "consent-answer": {
      const key = value["key"];
      const isKey = isFields(key) && (hasTexts(key, "requestId") || hasTexts(key, "token"));
      return isKey && hasTexts(value, "answer");
    }
    case "report": {
      const request = value["request"];
      return isFields(request) && hasTexts(request, "draftId", "kind") && hasFiles(value);
    }
    case "shield-answer":
      return hasTexts(value, "caseId", "answer");
    case "read":
      return hasTexts(value, "notificationId");
    default:
      return false;
  }
}

function hasTexts(value: Readonly<Record<string, unknown>>, ...names: string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function hasFiles(value: Readonly<Record<string, unknown>>): boolean {
  const files: unknown = value["files"];
  return (
    Array.isArray(files) &&
    files.every((file: unknown) => isFields(file) && hasTexts(file, "path", "type", "bookmark"))
  );
}
