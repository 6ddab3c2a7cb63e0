import type {
  AppealReason,
  AppealStatus,
  Capacity,
  ClaimKind,
  ConsentPurpose,
  ConsentRequestStatus,
  NotificationKind,
  ReasonCode,
  ReportKind,
  ReportStatus,
  Sanction,
  ScanStep,
  ShieldLevel,
  ShieldStatus,
  Surface,
  TakedownState,
  Violation,
} from "../../types/generated/documents.js";

/** A few words, and a sentence that stands on its own. */
export interface Named {
  readonly title: string;
  readonly text: string;
}

/** Why a file is not taken: `media.errors.RefusalCode` of the backend, and what became of it. */
export type RefusalCode =
  "empty" | "unsupported_type" | "damaged" | "too_large" | "too_many_pixels" | "gone" | "other";

/** Why the fingerprint of a picture is not taken into a shield. */
export type HashRefusal = "malformed" | "low_quality" | "flat" | "other";

/** What somebody said of an upload that may show them, and what it brought about. */
export type ShieldOutcome = "noted" | "blocked" | "released";

/** Words for every code of the backend that a user sees. A new code is a compile error here. */
export interface Codes {
  readonly reasons: Readonly<Record<ReasonCode, Named>>;
  readonly violations: Readonly<Record<Violation, Named>>;
  readonly refusals: Readonly<Record<RefusalCode, string>>;
  /** Answers to what is offered in place of a consent; `none` to all that we do not recognise. */
  readonly claims: Readonly<Record<ClaimKind | "none", string>>;
  /** What follows every answer in `claims`. */
  readonly claimNext: string;
  readonly sanctions: Readonly<Record<Sanction, string>>;
  readonly steps: Readonly<Record<ScanStep, string>>;
  readonly surfaces: Readonly<Record<Surface, string>>;
  readonly purposes: Readonly<Record<ConsentPurpose, string>>;
  readonly consentRequests: Readonly<Record<ConsentRequestStatus, string>>;
  readonly appealReasons: Readonly<Record<AppealReason, Named>>;
  readonly appeals: Readonly<Record<AppealStatus, Named>>;
  readonly levels: Readonly<Record<ShieldLevel, Named>>;
  readonly shields: Readonly<Record<ShieldStatus, Named>>;
  readonly hashRefusals: Readonly<Record<HashRefusal, string>>;
  readonly shieldOutcomes: Readonly<Record<ShieldOutcome, string>>;
  readonly reportKinds: Readonly<Record<ReportKind, Named>>;
  readonly reports: Readonly<Record<ReportStatus, Named>>;
  readonly capacities: Readonly<Record<Capacity, string>>;
  readonly takedowns: Readonly<Record<TakedownState, Named>>;
  readonly notifications: Readonly<Record<NotificationKind, Named>>;
}
