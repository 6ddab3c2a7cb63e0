/** Screens: connected ones, and views that show what they are given. See docs/theming.md. */

export {
  AppealPortal,
  ConsentConfirmation,
  ConsentRequestScreen,
  MediaBlockedScreen,
  NotificationList,
  ReportAbuse,
  ShieldMatch,
  VictimIdentityShield,
  type AppealPortalProps,
  type ConsentConfirmationProps,
  type ConsentRequestScreenProps,
  type MediaBlockedScreenProps,
  type NotificationListProps,
  type ReportAbuseProps,
  type ShieldMatchProps,
  type VictimIdentityShieldProps,
} from "./connected.js";
export { ScanProgress, type ScanProgressProps } from "./scan-progress.js";
export { ProtectedBadge, type ProtectedBadgeProps } from "./protected-badge.js";

export { AppealPortalView, type AppealPortalViewProps } from "./appeal-portal-view.js";
export {
  ConsentConfirmationView,
  type ClaimAnswer,
  type ConsentConfirmationViewProps,
  type ShownLink,
} from "./consent-confirmation-view.js";
export {
  ConsentRequestView,
  type AskedState,
  type ConsentRequestViewProps,
} from "./consent-request-view.js";
export {
  MediaBlockedView,
  type ExplanationShown,
  type MediaBlockedViewProps,
} from "./media-blocked-view.js";
export { NotificationListView, type NotificationListViewProps } from "./notification-list-view.js";
export {
  ReportAbuseView,
  TakedownLetterView,
  type ReportAbuseViewProps,
  type ReportShown,
} from "./report-abuse-view.js";
export { ScanProgressView, type ScanProgressViewProps } from "./scan-progress-view.js";
export {
  ShieldMatchView,
  type ShieldMatchState,
  type ShieldMatchViewProps,
} from "./shield-match-view.js";
export {
  VictimIdentityShieldView,
  type ShieldBusy,
  type ShieldToggle,
  type VictimIdentityShieldViewProps,
} from "./victim-identity-shield-view.js";

export { ScreensProvider, useScreens, type Screens, type ScreensProviderProps } from "./context.js";
export { browserPicker, type FileWish, type PickFiles } from "./pick-files.js";
export * from "../i18n/index.js";
export * from "../theme/index.js";
