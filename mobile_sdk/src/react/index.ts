/** Hooks: a state machine each. See docs/hooks.md. */

export { MediaIntegrityProvider, type MediaIntegrityProviderProps } from "./provider.js";
export { useMediaIntegrity, type MediaIntegrity } from "./use-media-integrity.js";
export {
  useMediaUpload,
  type UnfinishedUpload,
  type UploadEnd,
  type UseMediaUpload,
  type UseMediaUploadOptions,
} from "./use-media-upload.js";
export { useScan, type ScanStatus } from "./use-scan.js";
export { useCase, type CaseStatusView } from "./use-case.js";
export { useExplanation, type Explanation } from "./use-explanation.js";
export {
  useMediaIntegrityAppeal,
  type UseMediaIntegrityAppeal,
} from "./use-media-integrity-appeal.js";
export { useVictimShield, type UseVictimShield } from "./use-victim-shield.js";
export { useConsentRequests, type UseConsentRequests } from "./use-consent-requests.js";
export {
  useShieldMatch,
  type ShieldMatchAnswered,
  type UseShieldMatch,
} from "./use-shield-match.js";
export { useConsentLink, type ConsentLinkView, type UseConsentLink } from "./use-consent-link.js";
export { useConsent, type UseConsent } from "./use-consent.js";
export {
  useReport,
  useReports,
  useTakedowns,
  type Reports,
  type ReportView,
  type Takedowns,
  type UseReport,
} from "./use-report.js";
export { useNotifications, type UseNotifications } from "./use-notifications.js";

export type { AppealCheck, AppealDraft, AppealProblem, AppealView } from "./appeal-machine.js";
export type { Result } from "./attempting.js";
export type { Attempt } from "./attempts-machine.js";
export type { ConsentAction, ConsentLink, ConsentView } from "./consent-machine.js";
export type { Answered, AskedOfMe, RequestsView } from "./consent-requests-machine.js";
export { MAX_FILE_BYTES, type FileProblem } from "./evidence-files.js";
export type { NotificationsView, ShownNotification } from "./notifications-machine.js";
export {
  MAX_DESCRIPTION,
  type ReportCheck,
  type ReportDraft,
  type ReportedPlace,
  type ReportProblem,
  type StatementDraft,
} from "./report-machine.js";
export type { ShieldAction, ShieldView } from "./shield-machine.js";
export type { MediaUpload } from "./upload-machine.js";
export type { UserState } from "./user-machine.js";
export type { Idle, NotReady } from "./watched.js";
export type { Watched } from "./watch-machine.js";
