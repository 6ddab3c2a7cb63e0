/* Made by scripts/make-types.mjs from contract.json. Do not edit. */

import type {
  AddShieldReference,
  AddedShieldReference,
  AnswerShieldMatch,
  AnsweredShieldMatch,
  BeginUpload,
  BegunUpload,
  CheckHashes,
  CheckedHashes,
  ConsentQuestions,
  ConsentResponse,
  ConsentState,
  CopyOfLetter,
  CreateVictimShield,
  DecisionExplanation,
  Done,
  EvidencePackage,
  ExplainDecision,
  ForgetPushToken,
  NamedReport,
  NotificationSettingsSet,
  OneShield,
  OpenConsentLink,
  OpenedConsentLink,
  OwnShield,
  RegisterPushToken,
  RemoveShieldReference,
  ReportState,
  RequestConsentConfirmation,
  RequestEvidencePackage,
  RespondToConsentRequest,
  SetNotificationSettings,
  SubmitPersonalHashes,
  SubmitReport,
  SubmittedPersonalHashes,
  SubmittedReport,
  TakedownLetter,
  UpdateVictimShield,
  VerifyMediaConsent,
  WithdrawConsent,
  WithdrawPersonalHashes,
  WithdrawnConsent,
  WithdrawnPersonalHashes,
} from "./messages.js";

/** Every function that an app calls: what it takes and what it answers. */
export interface Functions {
  readonly add_shield_reference: {
    readonly request: AddShieldReference;
    readonly response: AddedShieldReference;
  };
  readonly answer_shield_match: {
    readonly request: AnswerShieldMatch;
    readonly response: AnsweredShieldMatch;
  };
  readonly begin_upload: { readonly request: BeginUpload; readonly response: BegunUpload };
  readonly check_hashes: { readonly request: CheckHashes; readonly response: CheckedHashes };
  readonly create_victim_shield: {
    readonly request: CreateVictimShield;
    readonly response: OwnShield;
  };
  readonly delete_victim_shield: { readonly request: OneShield; readonly response: OwnShield };
  readonly explain_decision: {
    readonly request: ExplainDecision;
    readonly response: DecisionExplanation;
  };
  readonly forget_push_token: { readonly request: ForgetPushToken; readonly response: Done };
  readonly open_consent_link: {
    readonly request: OpenConsentLink;
    readonly response: OpenedConsentLink;
  };
  readonly pause_victim_shield: { readonly request: OneShield; readonly response: OwnShield };
  readonly read_takedown_letter: {
    readonly request: CopyOfLetter;
    readonly response: TakedownLetter;
  };
  readonly register_push_token: { readonly request: RegisterPushToken; readonly response: Done };
  readonly remove_shield_reference: {
    readonly request: RemoveShieldReference;
    readonly response: OwnShield;
  };
  readonly request_consent_confirmation: {
    readonly request: RequestConsentConfirmation;
    readonly response: ConsentQuestions;
  };
  readonly request_evidence_package: {
    readonly request: RequestEvidencePackage;
    readonly response: EvidencePackage;
  };
  readonly respond_to_consent_request: {
    readonly request: RespondToConsentRequest;
    readonly response: ConsentResponse;
  };
  readonly resume_victim_shield: { readonly request: OneShield; readonly response: OwnShield };
  readonly set_notification_settings: {
    readonly request: SetNotificationSettings;
    readonly response: NotificationSettingsSet;
  };
  readonly submit_personal_hashes: {
    readonly request: SubmitPersonalHashes;
    readonly response: SubmittedPersonalHashes;
  };
  readonly submit_report: { readonly request: SubmitReport; readonly response: SubmittedReport };
  readonly update_victim_shield: {
    readonly request: UpdateVictimShield;
    readonly response: OwnShield;
  };
  readonly verify_media_consent: {
    readonly request: VerifyMediaConsent;
    readonly response: ConsentState;
  };
  readonly withdraw_consent: {
    readonly request: WithdrawConsent;
    readonly response: WithdrawnConsent;
  };
  readonly withdraw_personal_hashes: {
    readonly request: WithdrawPersonalHashes;
    readonly response: WithdrawnPersonalHashes;
  };
  readonly withdraw_report: { readonly request: NamedReport; readonly response: ReportState };
}

export type FunctionName = keyof Functions;

/** Where the documents lie that an app reads. */
export const COLLECTIONS = {
  ScanJob: "scan_jobs",
  Case: "media_integrity_cases",
  ConsentVerification: "consent_verifications",
  ConsentRequest: "consent_requests",
  BlockedConsentClaim: "blocked_consent_claims",
  Appeal: "media_integrity_appeals",
  Shield: "victim_identity_shields",
  Report: "media_integrity_reports",
  Takedown: "takedown_requests",
  EvidenceItem: "legal_evidence_vault",
  EnforcementRecord: "enforcement_records",
  Notification: "victim_notifications",
  NotificationSettings: "notification_settings",
} as const;

/** Bounds that the backend holds everybody to. */
export const LIMITS = {
  appealWindowDays: 30,
  appealMinCharacters: 50,
  appealMaxCharacters: 2000,
  appealMaxFiles: 5,
  reportMaxFiles: 5,
  reportMaxMedia: 20,
} as const;
