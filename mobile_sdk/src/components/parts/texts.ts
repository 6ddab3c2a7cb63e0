import type { Named } from "../../i18n/codes/types.js";
import type { Words } from "../../i18n/words.js";
import type { Reason, ReasonCode } from "../../types/generated/documents.js";

/** A reason in the user's language; the backend's English for a code that is newer than we are. */
export function reasonWords(words: Words, reason: Reason): Named {
  return Object.hasOwn(words.codes.reasons, reason.code)
    ? words.codes.reasons[reason.code]
    : { title: reason.text, text: "" };
}

/** Why a file is not taken. */
export function refusalWords(words: Words, code: string): string {
  const { refusals } = words.codes;
  switch (code) {
    case "empty":
    case "unsupported_type":
    case "damaged":
    case "too_large":
    case "too_many_pixels":
    case "gone":
      return refusals[code];
    default:
      return refusals.other;
  }
}

/** Why the fingerprint of a picture is not taken. */
export function hashRefusalWords(words: Words, code: string): string {
  const { hashRefusals } = words.codes;
  switch (code) {
    case "malformed":
    case "low_quality":
    case "flat":
      return hashRefusals[code];
    default:
      return hashRefusals.other;
  }
}

/** What a check found, which may be wrong. Everything else is a fact or a decision. */
const DETECTIONS: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "face_altered",
  "face_swapped",
  "face_generated",
  "sexual_ai_nudity",
  "sexual_deepfake",
  "voice_synthetic",
  "confession_audio",
  "identity_morphed",
  "document_edited",
  "humiliation",
  "file_contradicts_itself",
]);

/** Whether any of them is a check's finding, of which one may be more or less sure. */
export function isDetected(reasons: readonly Reason[]): boolean {
  return reasons.some(({ code }) => DETECTIONS.has(code));
}

/** How sure, in the backend's steps. Never as a number: it could tell of other people. */
export type Sureness = 1 | 2 | 3 | 4;

export function surenessOf(confidence: number): Sureness {
  if (confidence >= 0.97) return 4;
  if (confidence >= 0.9) return 3;
  return confidence >= 0.75 ? 2 : 1;
}

export function surenessWords(words: Words, step: Sureness): string {
  switch (step) {
    case 4:
      return words.t("blocked.sureVery");
    case 3:
      return words.t("blocked.sureSure");
    case 2:
      return words.t("blocked.sureFairly");
    case 1:
      return words.t("blocked.sureNot");
  }
}
