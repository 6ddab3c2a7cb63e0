/* Made by scripts/make-types.mjs from contract.json. Do not edit. */
import type {
  Capacity,
  ConsentBasis,
  ConsentPurpose,
  ConsentRequestStatus,
  ConsentStatus,
  QuietHours,
  ReportKind,
  ReportPriority,
  ReportStatus,
  ShieldLevel,
  ShieldStatus,
  Surface,
  TakedownChannel,
  TakedownState,
} from "./documents.js";

/**
 * What a shielded person says of an upload that may show them.
 */
export type ShieldAnswer = "agree" | "not_me" | "refuse";
/**
 * To whom a decision is explained.
 */
export type Audience = "uploader" | "shown";
/**
 * What a phone learns of a picture before it uploads it: nothing more.
 */
export type CheckAnswer = "allow" | "hold";
/**
 * What a person says to a request.
 */
export type ConsentAnswer = "confirm" | "refuse" | "take_back";
/**
 * How the people in one upload stand to it. Only ``given`` lets it be published.
 */
export type ConsentHoldStatus = "awaiting" | "given" | "refused" | "expired" | "withdrawn";
/**
 * What the app can offer to somebody who has refused.
 */
export type Offer = "report" | "shield";
/**
 * Languages of every text for users, ISO 639-1.
 */
export type Language = "en" | "es" | "de" | "fr" | "pl" | "ar";
/**
 * The parts of an explanation, in their order. Not every audience gets all of them.
 */
export type SectionCode =
  | "decision"
  | "facts"
  | "automation"
  | "counted"
  | "not_counted"
  | "rule"
  | "consequences"
  | "remedies"
  | "not_disclosed";
/**
 * What a push token is for.
 */
export type Platform = "android" | "ios" | "web";

export interface AddShieldReference {
  readonly shieldId: string;
  /**
   * base64 of a picture or recording, 8 MiB
   */
  readonly content: string;
}
export interface AddedShieldReference {
  readonly shieldId: string;
  readonly referenceId: string;
}
export interface AnswerShieldMatch {
  readonly caseId: string;
  readonly answer: ShieldAnswer;
}
export interface AnsweredShieldMatch {
  readonly outcome: string;
}
/**
 * One of: an account; a new link; another link in place of one that was lost.
 */
export interface AskedPerson {
  readonly userId?: string | null;
  readonly link?: true | null;
  readonly requestId?: string | null;
}
/**
 * ``device``: a hash by which the app knows this device again, or none.
 */
export interface BeginUpload {
  readonly uploadId: string;
  readonly device?: string | null;
}
/**
 * ``code``, ``text`` and ``until`` say why not, and for how long, where it may not.
 */
export interface BegunUpload {
  readonly mayUpload: boolean;
  readonly code: string | null;
  readonly text: string | null;
  readonly until: string | null;
}
export interface CheckHashes {
  /**
   * @minItems 1
   * @maxItems 20
   */
  readonly hashes: readonly string[];
}
export interface CheckedHashes {
  readonly answers: readonly CheckAnswer[];
}
/**
 * ``token`` stands here once and can never be read again: whoever has it can answer.
 */
export interface ConsentQuestion {
  readonly requestId: string;
  readonly status: ConsentRequestStatus;
  readonly expiresAt: string;
  readonly token: string | null;
}
export interface ConsentQuestions {
  readonly requests: readonly ConsentQuestion[];
}
export interface ConsentResponse {
  readonly requestId: string;
  readonly answer: ConsentAnswer;
  readonly offers: readonly Offer[];
  readonly text: string;
}
/**
 * How far the consent to an upload has come. ``needed`` is null before the first verdict.
 */
export interface ConsentState {
  readonly status: ConsentHoldStatus;
  readonly needed: number | null;
  readonly given: number;
  readonly pending: number;
  readonly missing: number | null;
  readonly text: string;
}
export interface CopyOfLetter {
  readonly takedownId: string;
  readonly language?: Language;
}
export interface CreateVictimShield {
  readonly toggles?: Toggles | null;
  /**
   * hashes of own pictures may be handed to exchanges; maximum only
   */
  readonly sharingAgreed?: boolean | null;
  readonly contacts?: ShieldContacts | null;
  readonly level?: ShieldLevel;
  /**
   * the same one makes the same shield
   */
  readonly requestKey?: string | null;
}
export interface Toggles {
  readonly notifications?: boolean;
  readonly monitoring?: boolean;
  readonly legalSupport?: boolean;
}
/**
 * Left out: as it is; empty: taken away.
 */
export interface ShieldContacts {
  readonly legal?: string | null;
  readonly support?: string | null;
}
export interface DecisionExplanation {
  readonly caseId: string;
  readonly audience: Audience;
  readonly language: Language;
  readonly decidedAt: string;
  readonly sections: readonly ExplanationSection[];
  readonly text: string;
}
export interface ExplanationSection {
  readonly code: SectionCode;
  readonly title: string;
  readonly points: readonly ExplanationPoint[];
}
/**
 * One thing that is told. ``code`` never changes its meaning; ``values`` depend on it.
 */
export interface ExplanationPoint {
  readonly code: string;
  readonly text: string;
  readonly values: {
    readonly [k: string]: string | number | boolean;
  };
}
/**
 * Nothing but that it is done.
 */
export interface Done {}
export interface EvidencePackage {
  readonly itemId: string;
  readonly sha256: string;
}
/**
 * ``language``: what the phone calls it (``de-AT``); English where we lack it.
 */
export interface ExplainDecision {
  readonly caseId: string;
  readonly language?: string | null;
}
export interface ForgetPushToken {
  readonly token: string;
}
/**
 * An address, or an upload of this app. Which platform it is the address says; ``own_app`` with
 * an address that is not ours is refused.
 */
export interface MediaPlace {
  readonly platform?: string | null;
  readonly url?: string | null;
  readonly jobId?: string | null;
}
export interface NamedReport {
  readonly reportId: string;
}
export interface NotificationSettingsSet {
  readonly updatedAt: string;
}
export interface OneShield {
  readonly shieldId: string;
}
export interface OpenConsentLink {
  readonly token: string;
}
/**
 * ``preview``: a blurred JPEG in base64; null once it was answered.
 */
export interface OpenedConsentLink {
  readonly requestId: string;
  readonly status: ConsentRequestStatus;
  readonly withdrawn: boolean;
  readonly surface: Surface;
  readonly purpose: ConsentPurpose;
  readonly expiresAt: string;
  readonly preview: string | null;
}
export interface OwnShield {
  readonly shieldId: string;
  readonly status: ShieldStatus;
  readonly level: ShieldLevel;
}
export interface PersonalHash {
  readonly pdq: string;
  readonly quality: number;
}
export interface PersonalHashOutcome {
  readonly pdq: string;
  readonly refused: string | null;
  readonly text: string | null;
}
export interface RegisterPushToken {
  readonly token: string;
  readonly platform: Platform;
  readonly language?: string | null;
}
export interface RemoveShieldReference {
  readonly shieldId: string;
  readonly referenceId: string;
}
export interface ReportState {
  readonly reportId: string;
  readonly status: ReportStatus;
}
export interface ReportedTakedown {
  readonly takedownId: string;
  readonly platform: string;
  readonly channel: TakedownChannel;
  readonly state: TakedownState;
  readonly dueAt: string | null;
}
export interface RequestConsentConfirmation {
  readonly jobId: string;
  /**
   * @minItems 1
   * @maxItems 20
   */
  readonly people: readonly AskedPerson[];
}
export interface RequestEvidencePackage {
  readonly caseId: string;
}
/**
 * By ``requestId``: one's own, signed in. By ``token``: whoever has the link.
 */
export interface RespondToConsentRequest {
  readonly answer: ConsentAnswer;
  readonly requestId?: string | null;
  readonly token?: string | null;
}
/**
 * All of them: what is left out goes back to its default.
 */
export interface SetNotificationSettings {
  readonly language?: string | null;
  readonly push?: boolean;
  readonly mail?: boolean;
  readonly quiet?: QuietHours | null;
  readonly urgentAlways?: boolean;
}
/**
 * Both declarations have to be made, in the words of docs/takedowns.md, and signed.
 */
export interface SignedStatement {
  readonly capacity: Capacity;
  readonly notConsensual: true;
  readonly goodFaith: true;
  readonly signature: string;
}
export interface SubmitPersonalHashes {
  readonly shieldId: string;
  /**
   * @minItems 1
   * @maxItems 50
   */
  readonly hashes: readonly PersonalHash[];
}
/**
 * ``draftId``: made by the app, once for each report; evidence lies below it.
 */
export interface SubmitReport {
  readonly draftId: string;
  readonly kind: ReportKind;
  readonly concernsMinor?: boolean;
  /**
   * @minItems 1
   * @maxItems 20
   */
  readonly media: readonly MediaPlace[];
  readonly description?: string;
  /**
   * @maxItems 5
   */
  readonly evidencePaths?: readonly string[];
  readonly victim?: VictimContact | null;
  readonly statement?: SignedStatement | null;
}
export interface VictimContact {
  readonly name: string;
  readonly mail: string;
}
export interface SubmittedPersonalHashes {
  readonly outcomes: readonly PersonalHashOutcome[];
}
export interface SubmittedReport {
  readonly reportId: string;
  readonly status: ReportStatus;
  readonly priority: ReportPriority;
  readonly duplicate: boolean;
  readonly takedowns: readonly ReportedTakedown[];
}
export interface TakedownLetter {
  readonly subject: string;
  readonly text: string;
}
export interface UpdateVictimShield {
  readonly toggles?: Toggles | null;
  /**
   * hashes of own pictures may be handed to exchanges; maximum only
   */
  readonly sharingAgreed?: boolean | null;
  readonly contacts?: ShieldContacts | null;
  readonly shieldId: string;
  readonly level?: ShieldLevel | null;
}
/**
 * ``self``: I am in it. ``explicit``: how far are the others? With ``statement``: what the
 * uploader says in their place, which is no consent, and is answered.
 */
export interface VerifyMediaConsent {
  readonly jobId: string;
  readonly basis: ConsentBasis;
  readonly statement?: string | null;
}
/**
 * One of: one's consent, the upload that one has agreed to, the link that one answered by.
 */
export interface WithdrawConsent {
  readonly consentId?: string | null;
  readonly jobId?: string | null;
  readonly token?: string | null;
}
export interface WithdrawPersonalHashes {
  readonly shieldId: string;
  /**
   * @minItems 1
   * @maxItems 50
   */
  readonly hashes: readonly string[];
}
export interface WithdrawnConsent {
  readonly consentId: string;
  readonly status: ConsentStatus;
}
export interface WithdrawnPersonalHashes {
  readonly withdrawn: number;
}
