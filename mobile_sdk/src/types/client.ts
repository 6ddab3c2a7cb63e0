/** The public shape of the client. Documents' and messages' types are made from the backend. */

import type {
  Appeal,
  AppealReason,
  Capacity,
  Case,
  ConsentBasis,
  ConsentRequest,
  ConsentVerification,
  EnforcementRecord,
  Notification,
  ReasonCode,
  Report,
  ReportKind,
  ScanStep,
  Shield,
  ShieldLevel,
  Surface,
  Takedown,
  VerdictSummary,
} from "./generated/documents.js";
import type {
  AnsweredShieldMatch,
  ConsentAnswer,
  ConsentQuestion,
  ConsentResponse,
  ConsentState,
  DecisionExplanation,
  EvidencePackage,
  Language,
  OpenedConsentLink,
  OwnShield,
  PersonalHashOutcome,
  ShieldAnswer,
  SubmittedReport,
  TakedownLetter,
} from "./generated/messages.js";
import type {
  Connectivity,
  FileOpener,
  FirebasePort,
  KeyValueStore,
  MediaSource,
  PictureDecoder,
  Unsubscribe,
} from "./port.js";
import type { ErrorCode, MediaIntegrityErrorFields } from "./errors.js";

/** A document with its id. */
export type WithId<T> = T & { readonly id: string };

// ---- Making a client ------------------------------------------------------------------------

export interface ClientOptions {
  /** Of every text; a phone's tag such as `de-AT` will do. English where we lack it. */
  readonly language?: string;
  /**
   * What survives a restart: unfinished uploads, queued actions. In memory where left out. Queued
   * actions can hold the user's words, names and links, so give one that the phone encrypts.
   */
  readonly store?: KeyValueStore;
  /** Default: the browser's. React Native needs `expoFiles(…)` or one of its own. */
  readonly files?: FileOpener;
  /** Default: the browser's, which takes most lost connections for good ones. */
  readonly connectivity?: Connectivity;
  /** Default: the browser's. React Native needs `createExpoDecoder(…)` or one of its own. */
  readonly decodePicture?: PictureDecoder;
  /**
   * Whether the user agrees that this device is known again by a salted hash, so that a banned
   * person's new accounts are noticed. Without it no such hash is made.
   */
  readonly deviceConsent?: boolean;
  /** Something that stays the same on this device, such as an installation id. Never sent itself. */
  readonly deviceId?: () => Promise<string | null>;
  /** Bytes in one request of an upload; a multiple of 256 KiB. Default 1 MiB. */
  readonly chunkBytes?: number;
  /** Told what happens, for the app's own log: codes and ids, never media, names or tokens. */
  readonly onEvent?: (event: ClientEvent) => void;
}

export type ClientEvent =
  | { readonly kind: "upload"; readonly uploadId: string; readonly state: UploadState["state"] }
  | {
      readonly kind: "queued" | "sent";
      readonly action: QueuedAction["kind"];
      /** As in `queue()`. */
      readonly id: string;
    }
  /** A queued action was refused for good: the user should be told. */
  | {
      readonly kind: "dropped";
      readonly action: QueuedAction["kind"];
      readonly id: string;
      readonly code: ErrorCode;
      readonly reason: string | null;
    }
  | { readonly kind: "error"; readonly code: ErrorCode; readonly reason: string | null };

// ---- Uploads --------------------------------------------------------------------------------

export interface UploadOptions {
  readonly surface?: Surface;
  /** What is said in a recording, where the app knows it; at most 2,000 characters. */
  readonly transcript?: string;
  /** Ask `check_hashes` first. Default true for pictures that can be hashed here. */
  readonly preflight?: boolean;
  /** The uploader alone is shown: said right after the upload, so that nothing waits. */
  readonly showsOnlyMe?: boolean;
}

/** One upload from the first byte to the verdict. Exactly one of these at a time. */
export type UploadState =
  | { readonly state: "preparing" }
  | {
      readonly state: "uploading" | "paused";
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  /** No connection: goes on by itself. */
  | {
      readonly state: "waiting-for-network";
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  /** All bytes are there; the scan runs. `progress` from 0 to 1. */
  | {
      readonly state: "scanning";
      readonly jobId: string;
      readonly step: ScanStep | null;
      readonly progress: number;
    }
  | ({ readonly state: "finished" } & UploadOutcome)
  | { readonly state: "failed"; readonly error: MediaIntegrityErrorFields }
  | { readonly state: "cancelled" };

/** How an upload ended, or what it waits for. */
export type UploadOutcome =
  | {
      readonly outcome: "published";
      readonly jobId: string;
      readonly verdict: VerdictSummary;
      /** Objects in Cloud Storage; `previewPath` where it is shown blurred. */
      readonly publishedPath: string;
      readonly previewPath: string | null;
      /** Carries a hidden mark by which a leaked copy is traced. */
      readonly isProtected: boolean;
    }
  /** Nobody sees it until the people in it have agreed. */
  | {
      readonly outcome: "awaiting-consent";
      readonly jobId: string;
      readonly verdict: VerdictSummary;
      readonly people: number;
    }
  /** A person looks at it first. */
  | {
      readonly outcome: "held";
      readonly jobId: string;
      readonly caseId: string;
      readonly verdict: VerdictSummary;
    }
  | {
      readonly outcome: "blocked";
      readonly jobId: string;
      readonly caseId: string;
      readonly verdict: VerdictSummary;
    }
  /** Not a file that is accepted. */
  | {
      readonly outcome: "refused";
      readonly jobId: string;
      readonly reason: string;
      readonly text: string;
    };

export interface UploadTask {
  /** Made by the client; the second folder of the object's path. */
  readonly uploadId: string;
  state(): UploadState;
  /** Tells the present state first, at once, then every change. */
  subscribe(listener: (state: UploadState) => void): Unsubscribe;
  pause(): void;
  resume(): void;
  /** Before the last byte: nothing is kept anywhere. Later: `false`, the scan goes on. */
  cancel(): Promise<boolean>;
  /** Resolves when it is finished; rejects with MediaIntegrityError when it failed or was cancelled. */
  readonly done: Promise<UploadOutcome>;
}

/** What the pre-flight check says: nothing, or that the picture is known. */
export type PreflightResult =
  | { readonly known: false; readonly hashed: boolean }
  /** It would be held or blocked. `forms` says nothing of which bank, or whose. */
  | { readonly known: true; readonly hashed: true };

/** How a scan goes, for `watchScan`. */
export type ScanView =
  | {
      readonly state: "scanning";
      readonly jobId: string;
      readonly step: ScanStep | null;
      readonly progress: number;
    }
  | ({ readonly state: "finished" } & UploadOutcome);

// ---- Consent --------------------------------------------------------------------------------

/** Who is asked: an account; a new link that the uploader passes on; another link for a lost one. */
export type Asked =
  { readonly userId: string } | { readonly link: true } | { readonly requestId: string };

/** How somebody answers: by the request's id (signed in), or with a link's token. */
export type ConsentKey = { readonly requestId: string } | { readonly token: string };

// ---- Appeals --------------------------------------------------------------------------------

export interface AppealInput {
  readonly caseId: string;
  readonly reason: AppealReason;
  /** 50 to 2,000 characters. */
  readonly explanation: string;
  /** Up to five pictures, PDF or plain text, 10 MB each. */
  readonly files?: readonly MediaSource[];
}

/** A case as its uploader, or the person shown, may see it, with its appeal. */
export interface CaseView {
  readonly case: WithId<Case>;
  readonly appeal: WithId<Appeal> | null;
  /** Whether an appeal may be sent now. */
  readonly mayAppeal: boolean;
  /** Until when; null where there is no appeal. */
  readonly appealUntil: Date | null;
}

// ---- Reports --------------------------------------------------------------------------------

export interface ReportInput {
  readonly kind: ReportKind;
  readonly concernsMinor?: boolean;
  /** Addresses elsewhere, or uploads of this app. 1 to 20. */
  readonly media: readonly ({ readonly url: string } | { readonly jobId: string })[];
  readonly description?: string;
  readonly files?: readonly MediaSource[];
  readonly victim?: { readonly name: string; readonly mail: string };
  /** Declares what docs/takedowns.md says, in these words, signed. */
  readonly statement?: {
    readonly capacity: Capacity;
    readonly signature: string;
  };
}

// ---- Offline --------------------------------------------------------------------------------

/** What waits for a connection. Survives a restart; done once each. */
export type QueuedAction =
  | {
      readonly id: string;
      readonly kind: "appeal";
      readonly caseId: string;
      readonly queuedAt: Date;
    }
  | { readonly id: string; readonly kind: "consent-answer"; readonly queuedAt: Date }
  | { readonly id: string; readonly kind: "report"; readonly queuedAt: Date }
  | {
      readonly id: string;
      readonly kind: "shield-answer";
      readonly caseId: string;
      readonly queuedAt: Date;
    }
  | { readonly id: string; readonly kind: "read"; readonly queuedAt: Date };

/** Sent at once, or kept until there is a connection. */
export type Sent<T> =
  | { readonly sent: true; readonly answer: T }
  | { readonly sent: false; readonly queued: QueuedAction };

// ---- The client -----------------------------------------------------------------------------

/** Made by `createMediaIntegrityClient`. Every promise rejects with MediaIntegrityError. */
export interface MediaIntegrityClient {
  readonly language: Language;
  userId(): string | null;
  onUser(listener: (userId: string | null) => void): Unsubscribe;
  /** Whether there is a connection, as far as the device knows. */
  online(): boolean;
  onOnline(listener: (online: boolean) => void): Unsubscribe;

  // uploads
  uploadMedia(source: MediaSource, options?: UploadOptions): UploadTask;
  /** Uploads that a restart interrupted; they go on from where they were. */
  unfinishedUploads(): Promise<readonly UploadTask[]>;
  /** Hashes on the device and asks whether that is known; not a byte of media is sent. */
  scanMedia(source: MediaSource): Promise<PreflightResult>;
  watchScan(jobId: string, listener: (view: ScanView) => void, onError?: OnError): Unsubscribe;

  // consent
  verifyConsent(input: {
    readonly jobId: string;
    readonly basis: ConsentBasis;
    readonly statement?: string;
  }): Promise<ConsentState>;
  requestConsent(jobId: string, people: readonly Asked[]): Promise<readonly ConsentQuestion[]>;
  respondToConsent(key: ConsentKey, answer: ConsentAnswer): Promise<Sent<ConsentResponse>>;
  openConsentLink(token: string): Promise<OpenedConsentLink>;
  withdrawConsent(
    key: { readonly consentId: string } | { readonly jobId: string } | { readonly token: string },
  ): Promise<void>;
  /** Asked of me: the newest 50. */
  watchConsentRequests(
    listener: (requests: readonly WithId<ConsentRequest>[]) => void,
    onError?: OnError,
  ): Unsubscribe;
  /** Asked by me for one upload. */
  watchConsentOfUpload(
    jobId: string,
    listener: (requests: readonly WithId<ConsentRequest>[]) => void,
    onError?: OnError,
  ): Unsubscribe;
  watchConsentsGiven(
    listener: (consents: readonly WithId<ConsentVerification>[]) => void,
    onError?: OnError,
  ): Unsubscribe;

  // cases and appeals
  watchCase(
    caseId: string,
    listener: (view: CaseView | null) => void,
    onError?: OnError,
  ): Unsubscribe;
  watchCases(listener: (cases: readonly WithId<Case>[]) => void, onError?: OnError): Unsubscribe;
  explainDecision(caseId: string): Promise<DecisionExplanation>;
  submitAppeal(input: AppealInput): Promise<Sent<void>>;

  // shields
  createVictimShield(input: ShieldInput): Promise<OwnShield>;
  updateVictimShield(shieldId: string, input: Partial<ShieldInput>): Promise<OwnShield>;
  pauseVictimShield(shieldId: string): Promise<OwnShield>;
  resumeVictimShield(shieldId: string): Promise<OwnShield>;
  deleteVictimShield(shieldId: string): Promise<OwnShield>;
  /** A picture or recording of oneself, up to 8 MiB: a sealed template is made and the bytes forgotten. */
  addShieldReference(
    shieldId: string,
    source: MediaSource,
  ): Promise<{ readonly referenceId: string }>;
  removeShieldReference(shieldId: string, referenceId: string): Promise<void>;
  /**
   * Hashes pictures on the device and sends the hashes alone. Gives an outcome for each, in their
   * order: of one that cannot be read here, and of one that could not be sent after others were,
   * `refused` says why. Rejects where not one can be read or sent.
   */
  submitPersonalHashes(
    shieldId: string,
    sources: readonly MediaSource[],
  ): Promise<readonly PersonalHashOutcome[]>;
  /** Gives how many there were. Pictures that cannot be read here are left out. */
  withdrawPersonalHashes(shieldId: string, sources: readonly MediaSource[]): Promise<number>;
  answerShieldMatch(caseId: string, answer: ShieldAnswer): Promise<Sent<AnsweredShieldMatch>>;
  requestEvidencePackage(caseId: string): Promise<EvidencePackage>;
  /** My own, not those deleted. */
  watchShields(
    listener: (shields: readonly WithId<Shield>[]) => void,
    onError?: OnError,
  ): Unsubscribe;

  // reports
  submitReport(input: ReportInput): Promise<Sent<SubmittedReport>>;
  withdrawReport(reportId: string): Promise<void>;
  readTakedownLetter(takedownId: string): Promise<TakedownLetter>;
  watchReports(
    listener: (reports: readonly WithId<Report>[]) => void,
    onError?: OnError,
  ): Unsubscribe;
  watchTakedowns(
    reportId: string,
    listener: (takedowns: readonly WithId<Takedown>[]) => void,
    onError?: OnError,
  ): Unsubscribe;

  // notifications and standing
  watchNotifications(
    listener: (notifications: readonly WithId<Notification>[]) => void,
    onError?: OnError,
  ): Unsubscribe;
  markNotificationRead(notificationId: string): Promise<Sent<void>>;
  registerPushToken(token: string, platform: "android" | "ios" | "web"): Promise<void>;
  forgetPushToken(token: string): Promise<void>;
  /** Strikes and restrictions of this account; null while there is none. */
  watchStanding(
    listener: (record: WithId<EnforcementRecord> | null) => void,
    onError?: OnError,
  ): Unsubscribe;

  // offline
  queue(): readonly QueuedAction[];
  onQueue(listener: (actions: readonly QueuedAction[]) => void): Unsubscribe;
  /** Ends every watch and pauses every upload. What is unfinished stays stored. */
  close(): void;
}

export type OnError = (error: MediaIntegrityErrorFields) => void;

export interface ShieldInput {
  readonly level: ShieldLevel;
  readonly toggles?: {
    readonly notifications?: boolean;
    readonly monitoring?: boolean;
    readonly legalSupport?: boolean;
  };
  /** Hashes of own pictures may be handed to exchanges; level maximum only. */
  readonly sharingAgreed?: boolean;
  readonly contacts?: { readonly legal?: string; readonly support?: string };
}

/** `createMediaIntegrityClient` takes this. */
export interface ClientConfig {
  readonly firebase: FirebasePort;
  readonly options?: ClientOptions;
}

export type { ReasonCode };
