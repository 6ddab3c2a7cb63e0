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
  shieldId: string;
  /**
   * base64 of a picture or recording, 8 MiB
   */
  content: string;
}
export interface AddedShieldReference {
  shieldId: string;
  referenceId: string;
}
export interface AnswerShieldMatch {
  caseId: string;
  answer: ShieldAnswer;
}
export interface AnsweredShieldMatch {
  outcome: string;
}
/**
 * One of: an account; a new link; another link in place of one that was lost.
 */
export interface AskedPerson {
  userId?: string | null;
  link?: true | null;
  requestId?: string | null;
}
/**
 * ``device``: a hash by which the app knows this device again, or none.
 */
export interface BeginUpload {
  uploadId: string;
  device?: string | null;
}
/**
 * ``code``, ``text`` and ``until`` say why not, and for how long, where it may not.
 */
export interface BegunUpload {
  mayUpload: boolean;
  code: string | null;
  text: string | null;
  until: string | null;
}
export interface CheckHashes {
  /**
   * @minItems 1
   * @maxItems 20
   */
  hashes: string[];
}
export interface CheckedHashes {
  answers: CheckAnswer[];
}
/**
 * ``token`` stands here once and can never be read again: whoever has it can answer.
 */
export interface ConsentQuestion {
  requestId: string;
  status: ConsentRequestStatus;
  expiresAt: string;
  token: string | null;
}
export interface ConsentQuestions {
  requests: ConsentQuestion[];
}
export interface ConsentResponse {
  requestId: string;
  answer: ConsentAnswer;
  offers: Offer[];
  text: string;
}
/**
 * How far the consent to an upload has come. ``needed`` is null before the first verdict.
 */
export interface ConsentState {
  status: ConsentHoldStatus;
  needed: number | null;
  given: number;
  pending: number;
  missing: number | null;
  text: string;
}
export interface CopyOfLetter {
  takedownId: string;
  language?: Language;
}
export interface CreateVictimShield {
  toggles?: Toggles | null;
  /**
   * hashes of own pictures may be handed to exchanges; maximum only
   */
  sharingAgreed?: boolean | null;
  contacts?: ShieldContacts | null;
  level?: ShieldLevel;
  /**
   * the same one makes the same shield
   */
  requestKey?: string | null;
}
export interface Toggles {
  notifications?: boolean;
  monitoring?: boolean;
  legalSupport?: boolean;
}
/**
 * Left out: as it is; empty: taken away.
 */
export interface ShieldContacts {
  legal?: string | null;
  support?: string | null;
}
export interface DecisionExplanation {
  caseId: string;
  audience: Audience;
  language: Language;
  decidedAt: string;
  sections: ExplanationSection[];
  text: string;
}
export interface ExplanationSection {
  code: SectionCode;
  points: ExplanationPoint[];
}
/**
 * One thing that is told. ``code`` never changes its meaning; ``values`` depend on it.
 */
export interface ExplanationPoint {
  code: string;
  text: string;
  values: {
    [k: string]: string | number | boolean;
  };
}
/**
 * Nothing but that it is done.
 */
export interface Done {}
export interface EvidencePackage {
  itemId: string;
  sha256: string;
}
/**
 * ``language``: what the phone calls it (``de-AT``); English where we lack it.
 */
export interface ExplainDecision {
  caseId: string;
  language?: string | null;
}
export interface ForgetPushToken {
  token: string;
}
/**
 * An address, or an upload of this app. Which platform it is the address says; ``own_app`` with
 * an address that is not ours is refused.
 */
export interface MediaPlace {
  platform?: string | null;
  url?: string | null;
  jobId?: string | null;
}
export interface NamedReport {
  reportId: string;
}
export interface NotificationSettingsSet {
  updatedAt: string;
}
export interface OneShield {
  shieldId: string;
}
export interface OpenConsentLink {
  token: string;
}
/**
 * ``preview``: a blurred JPEG in base64; null once it was answered.
 */
export interface OpenedConsentLink {
  requestId: string;
  status: ConsentRequestStatus;
  withdrawn: boolean;
  surface: Surface;
  purpose: ConsentPurpose;
  expiresAt: string;
  preview: string | null;
}
export interface OwnShield {
  shieldId: string;
  status: ShieldStatus;
  level: ShieldLevel;
}
export interface PersonalHash {
  pdq: string;
  quality: number;
}
export interface PersonalHashOutcome {
  pdq: string;
  refused: string | null;
  text: string | null;
}
export interface RegisterPushToken {
  token: string;
  platform: Platform;
  language?: string | null;
}
export interface RemoveShieldReference {
  shieldId: string;
  referenceId: string;
}
export interface ReportState {
  reportId: string;
  status: ReportStatus;
}
export interface ReportedTakedown {
  takedownId: string;
  platform: string;
  channel: TakedownChannel;
  state: TakedownState;
  dueAt: string | null;
}
export interface RequestConsentConfirmation {
  jobId: string;
  /**
   * @minItems 1
   * @maxItems 20
   */
  people: AskedPerson[];
}
export interface RequestEvidencePackage {
  caseId: string;
}
/**
 * By ``requestId``: one's own, signed in. By ``token``: whoever has the link.
 */
export interface RespondToConsentRequest {
  answer: ConsentAnswer;
  requestId?: string | null;
  token?: string | null;
}
/**
 * All of them: what is left out goes back to its default.
 */
export interface SetNotificationSettings {
  language?: string | null;
  push?: boolean;
  mail?: boolean;
  quiet?: QuietHours | null;
  urgentAlways?: boolean;
}
/**
 * Both declarations have to be made, in the words of docs/takedowns.md, and signed.
 */
export interface SignedStatement {
  capacity: Capacity;
  notConsensual: true;
  goodFaith: true;
  signature: string;
}
export interface SubmitPersonalHashes {
  shieldId: string;
  /**
   * @minItems 1
   * @maxItems 50
   */
  hashes: PersonalHash[];
}
/**
 * ``draftId``: made by the app, once for each report; evidence lies below it.
 */
export interface SubmitReport {
  draftId: string;
  kind: ReportKind;
  concernsMinor?: boolean;
  /**
   * @minItems 1
   * @maxItems 20
   */
  media: MediaPlace[];
  description?: string;
  /**
   * @maxItems 5
   */
  evidencePaths?: string[];
  victim?: VictimContact | null;
  statement?: SignedStatement | null;
}
export interface VictimContact {
  name: string;
  mail: string;
}
export interface SubmittedPersonalHashes {
  outcomes: PersonalHashOutcome[];
}
export interface SubmittedReport {
  reportId: string;
  status: ReportStatus;
  priority: ReportPriority;
  duplicate: boolean;
  takedowns: ReportedTakedown[];
}
export interface TakedownLetter {
  subject: string;
  text: string;
}
export interface UpdateVictimShield {
  toggles?: Toggles | null;
  /**
   * hashes of own pictures may be handed to exchanges; maximum only
   */
  sharingAgreed?: boolean | null;
  contacts?: ShieldContacts | null;
  shieldId: string;
  level?: ShieldLevel | null;
}
/**
 * ``self``: I am in it. ``explicit``: how far are the others? With ``statement``: what the
 * uploader says in their place, which is no consent, and is answered.
 */
export interface VerifyMediaConsent {
  jobId: string;
  basis: ConsentBasis;
  statement?: string | null;
}
/**
 * One of: one's consent, the upload that one has agreed to, the link that one answered by.
 */
export interface WithdrawConsent {
  consentId?: string | null;
  jobId?: string | null;
  token?: string | null;
}
export interface WithdrawPersonalHashes {
  shieldId: string;
  /**
   * @minItems 1
   * @maxItems 50
   */
  hashes: string[];
}
export interface WithdrawnConsent {
  consentId: string;
  status: ConsentStatus;
}
export interface WithdrawnPersonalHashes {
  withdrawn: number;
}
