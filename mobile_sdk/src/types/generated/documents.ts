/* Made by scripts/make-types.mjs from contract.json. Do not edit. */

/**
 * What the verdict does with the media, mildest first.
 */
export type Action = "ALLOW" | "BLUR" | "REVIEW" | "BLOCK";
/**
 * Why the uploader thinks that the verdict is wrong.
 */
export type AppealReason = "not_synthetic" | "consent_given" | "mistaken_match" | "art_or_parody";
/**
 * Life of an appeal. ``upheld`` and ``overturned`` speak of the decision appealed against.
 */
export type AppealStatus = "pending" | "in_review" | "rejected" | "upheld" | "overturned";
/**
 * What people say instead of a consent. None of these is one.
 */
export type ClaimKind =
  | "posted_publicly"
  | "relationship"
  | "paid_for"
  | "sent_to_me"
  | "ownership"
  | "assumed"
  | "other";
/**
 * In what right somebody asks for removal.
 */
export type Capacity = "depicted" | "representative";
/**
 * Life of a case. Transitions: docs/architecture.md.
 */
export type CaseStatus = "OPEN" | "ACTIONED" | "IN_REVIEW" | "UPHELD" | "OVERTURNED" | "CLOSED";
/**
 * What an upload can be in breach of.
 */
export type Violation =
  | "deepfake_face"
  | "face_swap"
  | "ai_nude"
  | "synthetic_pornography"
  | "voice_clone"
  | "identity_morphing"
  | "evidence_fabrication"
  | "fake_confession_audio"
  | "synthetic_humiliation"
  | "known_abusive_media";
export type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
/**
 * Every way in which an upload is examined; names a signal and its finding.
 */
export type DetectionMethod =
  | "bank_match"
  | "provenance"
  | "nudity"
  | "faces"
  | "text"
  | "face_manipulation"
  | "synthetic_image"
  | "compression"
  | "metadata"
  | "nudity_synthesis"
  | "voice"
  | "video"
  | "document"
  | "identity_morphing";
/**
 * Why a verdict is what it is. The text for people is made in ``decision/reasons.py``.
 */
export type ReasonCode =
  | "clean"
  | "ai_generated"
  | "bank_match_confirmed"
  | "bank_match_unconfirmed"
  | "nudity_adult"
  | "nudity_teen"
  | "ai_nudity"
  | "ai_generated_person"
  | "face_altered"
  | "face_swapped"
  | "face_generated"
  | "sexual_ai_nudity"
  | "sexual_deepfake"
  | "voice_synthetic"
  | "confession_audio"
  | "identity_morphed"
  | "document_edited"
  | "humiliation"
  | "file_contradicts_itself"
  | "credentials_invalid"
  | "text_hate"
  | "text_threat"
  | "text_sextortion"
  | "check_failed"
  | "check_inconclusive"
  | "too_much_to_check"
  | "out_of_tries"
  | "looked_at"
  | "moderated"
  | "person_protected"
  | "protected_altered"
  | "protected_refused"
  | "consent_refused"
  | "consent_expired"
  | "consent_withdrawn"
  | "reported"
  | "origin_watched";
/**
 * What a violation brings the account, beside the upload itself.
 */
export type Sanction = "NONE" | "WARNING" | "FRAUD_FLAG" | "PERMANENT_BAN" | "PERMANENT_BAN_LEGAL";
/**
 * Where in the app the media will appear.
 */
export type Surface = "feed" | "avatar" | "dm";
/**
 * What a moderator decides on a case.
 */
export type CaseOutcome = "release" | "blur" | "uphold" | "block" | "close";
/**
 * Why a person counts as having agreed.
 */
export type ConsentBasis = "self" | "explicit";
/**
 * What the media may be used for; a yes to one is no yes to another.
 */
export type ConsentPurpose = "publish" | "promote";
/**
 * Life of a request. Everything but ``pending`` is final.
 */
export type ConsentRequestStatus = "pending" | "confirmed" | "refused" | "expired" | "cancelled";
/**
 * Life of a consent. ``given`` is the only one that lets media be published.
 */
export type ConsentStatus = "given" | "withdrawn" | "void";
/**
 * How an account stands, best first.
 */
export type Standing = "good" | "warned" | "restricted" | "suspended" | "banned";
/**
 * What is closed.
 */
export type RestrictionKind = "uploads" | "appeals" | "account";
/**
 * What an item is.
 */
export type EvidenceKind =
  "media" | "verdict" | "heat_map" | "screenshot" | "correspondence" | "package";
/**
 * What a notification says. The words are in a template for each language.
 */
export type NotificationKind =
  | "shield_media_held"
  | "shield_media_blocked"
  | "shield_rescan_found"
  | "shield_disputed"
  | "consent_requested"
  | "consent_confirmed"
  | "consent_refused"
  | "consent_expired"
  | "consent_withdrawn"
  | "upload_held"
  | "upload_blocked"
  | "upload_released"
  | "upload_unpublished"
  | "appeal_received"
  | "appeal_decided"
  | "restriction_set"
  | "restriction_lifted"
  | "report_received"
  | "report_changed"
  | "takedown_changed";
/**
 * Life of a takedown request.
 */
export type TakedownState =
  "prepared" | "requested" | "acknowledged" | "removed" | "refused" | "expired" | "withdrawn";
/**
 * What a template was made from.
 */
export type ReferenceKind = "face" | "voice";
/**
 * What is reported.
 */
export type ReportKind = "ncii" | "deepfake" | "impersonation" | "extortion" | "other";
/**
 * Life of a report.
 */
export type ReportStatus =
  "submitted" | "in_progress" | "resolved" | "unresolved" | "rejected" | "withdrawn";
/**
 * Place in the queue; the smallest first, so that ascending order is the order of work.
 */
export type ReportPriority = 0 | 1 | 2 | 3;
/**
 * Where an upload is on its way.
 */
export type ScanState =
  | "PENDING"
  | "SCANNING"
  | "DECIDED"
  | "PUBLISHED"
  | "AWAITING_CONSENT"
  | "HELD"
  | "BLOCKED"
  | "REFUSED";
/**
 * What the worker is doing now; shown to the uploader.
 */
export type ScanStep = "open" | "fingerprint" | "match" | "examine" | "decide" | "file";
/**
 * How far the protection goes, mildest first. Each one includes those before it.
 */
export type ShieldLevel = "standard" | "enhanced" | "maximum";
/**
 * Life of a shield. Only ``active`` blocks anything by itself.
 */
export type ShieldStatus = "pending" | "active" | "paused" | "disputed" | "deleted";
/**
 * How a platform takes requests.
 */
export type TakedownChannel = "own" | "form" | "mail" | "unknown";
/**
 * What the clock has already told the moderators.
 */
export type TakedownAlarm = "after_24_hours" | "after_40_hours" | "breach";

/**
 * The one appeal that a case can have.
 *
 * Id: the case's. Created by the uploader under ``firestore.rules`` with ``CLIENT_FIELDS`` and
 * nothing else; changed by the functions only. Read by the uploader (own) and by moderators.
 * Kept as long as its case.
 */
export interface Appeal {
  readonly caseId: string;
  readonly uploaderId: string;
  readonly reason: AppealReason;
  readonly explanation: string;
  /**
   * objects below appeals/{uploaderId}/{caseId}/
   *
   * @maxItems 5
   */
  readonly evidencePaths?: readonly string[];
  readonly status?: AppealStatus;
  readonly decision?: AppealDecision | null;
  /**
   * of ``evidence_paths``, what was not there or is no such file
   *
   * @maxItems 5
   */
  readonly missingEvidence?: readonly string[];
  readonly createdAt: Date;
  /**
   * none until the functions took note of it
   */
  readonly updatedAt?: Date | null;
}
/**
 * What was decided, as the uploader sees it. Who decided is in ``private``.
 */
export interface AppealDecision {
  readonly outcome: "rejected" | "upheld" | "overturned";
  readonly reason: string;
  /**
   * three of these close the portal for 30 days
   */
  readonly withoutMerit?: boolean;
  /**
   * overturned: whether it may be seen; not where somebody in it said no
   */
  readonly published?: boolean;
  readonly decidedAt: Date;
}
/**
 * A claim that was offered in place of a consent and refused.
 *
 * Id: ``{jobId}_{hash of the wording}``, so the same words are one claim. Read by the uploader and
 * the subject (own) and by moderators; written by the functions only. Expires after 90 days.
 */
export interface BlockedConsentClaim {
  readonly jobId: string;
  readonly uploaderId: string;
  readonly subjectId?: string | null;
  readonly kind: ClaimKind;
  /**
   * of the pattern, ISO 639-1
   */
  readonly language: string;
  readonly patternId: string;
  readonly wording: string;
  readonly createdAt: Date;
  /**
   * Firestore TTL
   */
  readonly expireAt: Date;
}
/**
 * One upload that a person has to look at or may appeal.
 *
 * Id: that of the scan job, so a repeated scan finds the same case.
 * Read by the uploader (own), by a shielded person who is in it, by moderators. Says nothing of
 * who a victim is or which bank matched: that is in ``private/details``.
 */
export interface Case {
  readonly uploaderId: string;
  readonly status: CaseStatus;
  readonly action: Action;
  readonly violations?: readonly CaseViolation[];
  /**
   * the gravest, for queues and filters
   */
  readonly violation?: Violation | null;
  readonly severity: Severity;
  /**
   * of the gravest violation; 1 for deterministic evidence
   */
  readonly confidence: number;
  readonly explanation: readonly Reason[];
  readonly sanction?: Sanction;
  /**
   * the sanction waits for a moderator: it rests on a model alone
   */
  readonly needsConfirmation?: boolean;
  readonly appealable?: boolean;
  readonly policyVersion: string;
  readonly surface: Surface;
  /**
   * cases that show the same share it
   */
  readonly clusterId?: string | null;
  /**
   * what it rested on fell away: to be looked at again
   */
  readonly reopenedAt?: Date | null;
  /**
   * the last one; one from before ``reopened_at`` does not stand any more
   */
  readonly decision?: CaseDecision | null;
  /**
   * when a moderator blocked it; none: at its opening, or not at all
   */
  readonly actionedAt?: Date | null;
  /**
   * a moderator has it until then
   */
  readonly reviewUntil?: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /**
   * ``severity`` as a number, stored so that queues can sort by it: its names do not sort.
   */
  readonly severityRank: number;
}
/**
 * A violation found, and how sure.
 */
export interface CaseViolation {
  readonly violation: Violation;
  readonly severity: Severity;
  readonly confidence: number;
  readonly methods: readonly DetectionMethod[];
}
/**
 * One reason, for the program and for the person.
 */
export interface Reason {
  readonly code: ReasonCode;
  /**
   * plain words for the uploader, in English
   */
  readonly text: string;
}
/**
 * A moderator's decision, as the uploader sees it. Who decided is in ``private``.
 */
export interface CaseDecision {
  readonly outcome: CaseOutcome;
  readonly reason: string;
  /**
   * whether it may be seen now
   */
  readonly published?: boolean;
  readonly decidedAt: Date;
}
/**
 * A question to one depicted person: may this be published?
 *
 * Id: follows from upload and person, so that asking twice is one question; random for a link.
 * Read by the subject and the uploader (own) and by moderators; written by the functions only. The
 * link's token is in ``secrets``. Expires 30 days after it was closed; an answer stays as long as
 * it can be taken back.
 */
export interface ConsentRequest {
  readonly jobId: string;
  readonly uploaderId: string;
  /**
   * none where the request went out as a link
   */
  readonly subjectId?: string | null;
  readonly surface: Surface;
  readonly purpose?: ConsentPurpose;
  readonly status?: ConsentRequestStatus;
  /**
   * a blurred preview, for the subject
   */
  readonly previewPath?: string | null;
  readonly createdAt: Date;
  /**
   * unanswered until then: expired
   */
  readonly expiresAt: Date;
  readonly answeredAt?: Date | null;
  /**
   * a no that does not stand in the way of later uploads any more
   */
  readonly takenBackAt?: Date | null;
  /**
   * Firestore TTL; none while it matters
   */
  readonly expireAt?: Date | null;
}
/**
 * What exactly was agreed to. An edited copy has other hashes and needs a new consent.
 */
export interface ConsentScope {
  readonly sha256: string;
  /**
   * whole views, without pictures inside them
   *
   * @maxItems 16
   */
  readonly views?: readonly PdqView[];
  readonly surface: Surface;
  readonly purpose?: ConsentPurpose;
}
/**
 * PDQ of one view of the media: 256 bits as 64 hex digits, quality 0 to 100.
 */
export interface PdqView {
  readonly pdq: string;
  readonly quality: number;
  /**
   * of a picture inside the view so numbered
   */
  readonly inside?: number | null;
}
/**
 * One person's consent to one upload.
 *
 * Id: ``{jobId}_self`` or ``{jobId}_{requestId}``, so an answer given twice is one consent. It
 * covers later uploads of the same media by the same uploader too, whose holds name it.
 * Read by the subject and the uploader (own) and by moderators; written by the functions only.
 * Expires 3 years after it ended; kept while it is in force.
 */
export interface ConsentVerification {
  readonly jobId: string;
  readonly uploaderId: string;
  /**
   * none where the person answered by link and has no account
   */
  readonly subjectId?: string | null;
  /**
   * which of the faces found in the upload
   */
  readonly face?: number | null;
  readonly basis: ConsentBasis;
  readonly status?: ConsentStatus;
  readonly scope: ConsentScope;
  readonly requestId?: string | null;
  readonly givenAt: Date;
  /**
   * when it was withdrawn or found void
   */
  readonly endedAt?: Date | null;
  /**
   * withdrawn, and what rested on it may still be published
   */
  readonly takeDownDue?: boolean;
  /**
   * Firestore TTL; none while in force
   */
  readonly expireAt?: Date | null;
}
/**
 * An account's standing, as its holder sees it.
 *
 * Id: the account's. Read by its holder and by moderators; written by the functions only. Kept as
 * long as the account; a ban's outlives it.
 */
export interface EnforcementRecord {
  readonly standing?: Standing;
  /**
   * confirmed, not undone, not expired
   */
  readonly strikes?: number;
  readonly warnings?: number;
  readonly restrictions?: readonly Restriction[];
  /**
   * no appeal before then; ``firestore.rules`` reads it
   */
  readonly appealsClosedUntil?: Date | null;
  /**
   * when something ends by itself; ``keep_enforcement`` looks then
   */
  readonly changesAt?: Date | null;
  /**
   * changes so far; names what each of them brings
   */
  readonly revision?: number;
  readonly updatedAt: Date;
}
/**
 * One thing that is closed, and for how long.
 */
export interface Restriction {
  readonly kind: RestrictionKind;
  readonly since: Date;
  /**
   * none: until it is undone
   */
  readonly until?: Date | null;
  readonly caseId?: string | null;
  /**
   * rests on automatic checks alone; a moderator has to look at it
   */
  readonly provisional?: boolean;
}
/**
 * One item in the vault, kept for one victim.
 *
 * Id: random. Read by that victim and by moderators; written by the functions only. It names no
 * other victim and not the uploader: both can be in the case. Not expired by TTL: a function
 * deletes it after ``retain_until`` unless ``legal_hold`` is set.
 */
export interface EvidenceItem {
  /**
   * none where nobody known is the victim
   */
  readonly victimId?: string | null;
  readonly caseId: string;
  readonly kind: EvidenceKind;
  /**
   * in Cloud Storage, where no client can read
   */
  readonly objectPath: string;
  /**
   * of that object
   */
  readonly generation: string;
  readonly contentType: string;
  /**
   * bytes
   */
  readonly size: number;
  readonly sha256: string;
  /**
   * hash of the last custody entry
   */
  readonly custodyHead: string;
  readonly custodyLength: number;
  readonly legalHold?: boolean;
  readonly retainUntil: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
/**
 * Who works on a job, and until when.
 */
export interface Lease {
  readonly worker: string;
  readonly until: Date;
}
/**
 * One thing that one person is told.
 *
 * Id: that of the outbox entry that made it, so it arrives once. Read by the person; written by
 * the functions, but for ``read_at``, which the person sets once, to the server's time. Holds no
 * media, no text and no name, only what to look up under the reader's own rights. Expires after
 * 90 days.
 */
export interface Notification {
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly caseId?: string | null;
  readonly consentRequestId?: string | null;
  readonly shieldId?: string | null;
  readonly reportId?: string | null;
  readonly createdAt: Date;
  readonly readAt?: Date | null;
  /**
   * Firestore TTL
   */
  readonly expireAt: Date;
}
/**
 * How a person wants to be told. Without it: push and mail at any hour.
 *
 * Id: the account's. Read by its holder; written by a function on the holder's word. Kept as long
 * as the account. The in-app notification always comes.
 */
export interface NotificationSettings {
  /**
   * none: the phone's own
   */
  readonly language?: string | null;
  readonly push?: boolean;
  readonly mail?: boolean;
  readonly quiet?: QuietHours | null;
  /**
   * what concerns the person's protection comes in quiet hours too
   */
  readonly urgentAlways?: boolean;
  readonly updatedAt: Date;
}
/**
 * When no push is to come, by the wall clock where the person is, every day.
 *
 * From the minute ``start`` to before the minute ``end``, over midnight if ``end`` is the earlier.
 */
export interface QuietHours {
  /**
   * minutes after midnight
   */
  readonly start: number;
  /**
   * minutes after midnight
   */
  readonly end: number;
  /**
   * IANA time zone
   */
  readonly zone: string;
}
/**
 * Who is in the picture, for the consent that they must give: how many, not who.
 */
export interface People {
  readonly count?: number;
}
/**
 * A moderator's word that an upload may be published, whatever the checks found.
 *
 * It covers what was known then: matches and shields that come later hold the upload again.
 */
export interface Permission {
  readonly action: "ALLOW" | "BLUR";
  /**
   * paths of the bank entries known then
   */
  readonly entries?: readonly string[];
  /**
   * ids of the shields known then
   */
  readonly shields?: readonly string[];
  readonly givenAt: Date;
}
/**
 * What a platform answered, or what was found out about its answer.
 */
export interface PlatformReply {
  readonly at: Date;
  readonly state: TakedownState;
  readonly text?: string;
}
/**
 * The exact object that was uploaded.
 */
export interface Quarantined {
  readonly bucket: string;
  readonly name: string;
  /**
   * of the object; a decimal number
   */
  readonly generation: string;
}
/**
 * Why a file was not taken at all. ``code`` is a ``media.errors.RefusalCode`` or ``gone``.
 */
export interface Refusal {
  readonly code: string;
  readonly text: string;
}
/**
 * One report.
 *
 * Id: follows from the reporter and the draft that their app made, so that a call that is repeated
 * makes one report. Read by the reporter (own) and by moderators, but not by the one whose upload
 * it is about; written by the functions only. Names nobody: who the victim is stands encrypted in
 * ``private``. Kept as long as the reporter's account.
 */
export interface Report {
  readonly reporterId: string;
  /**
   * whose upload in this app is reported; empty: nobody's
   */
  readonly uploaderId?: string;
  readonly kind: ReportKind;
  readonly status?: ReportStatus;
  readonly priority: ReportPriority;
  readonly concernsMinor?: boolean;
  /**
   * @minItems 1
   * @maxItems 20
   */
  readonly media: readonly ReportedMedia[];
  readonly description?: string;
  /**
   * @maxItems 5
   */
  readonly evidencePaths?: readonly string[];
  /**
   * needed for a takedown, not for a report
   */
  readonly statement?: Statement | null;
  /**
   * cases that the report led to
   */
  readonly caseIds?: readonly string[];
  /**
   * the moderator's words to the reporter
   */
  readonly answer?: string;
  /**
   * rejected, and meant to harm somebody
   */
  readonly abusive?: boolean;
  readonly decidedAt?: Date | null;
  /**
   * something that follows from it is still to be done
   */
  readonly workDue?: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
/**
 * One place where the media is.
 */
export interface ReportedMedia {
  /**
   * name; ``own_app`` is this app
   */
  readonly platform: string;
  readonly url?: string | null;
  /**
   * for media in this app
   */
  readonly jobId?: string | null;
}
/**
 * What the law asks the requester to state and sign. The signature itself is in ``private``.
 */
export interface Statement {
  readonly capacity: Capacity;
  readonly notConsensual: true;
  readonly goodFaith: true;
  readonly signedAt: Date;
}
/**
 * One upload on its way to a verdict.
 *
 * Id: sha256 of ``bucket/name#generation``, so a repeated event finds the same job.
 * Read by the uploader; written by the functions only. Expires 7 days after nothing more can
 * happen to it: while it waits for consent or a moderator, or may be appealed, it stays.
 */
export interface ScanJob {
  readonly uploaderId: string;
  readonly uploadId: string;
  readonly source: Quarantined;
  readonly surface?: Surface;
  readonly state?: ScanState;
  /**
   * shown to the user while the scan runs
   */
  readonly step?: ScanStep | null;
  readonly progress?: number;
  readonly lease?: Lease | null;
  readonly tries?: number;
  /**
   * verdicts given; each release brings another
   */
  readonly judged?: number;
  readonly permission?: Permission | null;
  readonly verdict?: VerdictSummary | null;
  readonly refusal?: Refusal | null;
  readonly people?: People | null;
  readonly sha256?: string | null;
  /**
   * found in the bytes, not claimed
   */
  readonly contentType?: string | null;
  readonly caseId?: string | null;
  readonly publishedPath?: string | null;
  readonly previewPath?: string | null;
  /**
   * a covert mark is in what is published
   */
  readonly watermarked?: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /**
   * the sweeper looks then; none once final
   */
  readonly sweepAt?: Date | null;
  /**
   * Firestore TTL
   */
  readonly expireAt?: Date | null;
}
/**
 * What the uploader may know of the verdict. Says nothing about banks' entries or victims.
 */
export interface VerdictSummary {
  readonly action: Action;
  readonly violations?: readonly Violation[];
  readonly reasons: readonly Reason[];
  readonly policyVersion: string;
  readonly appealable?: boolean;
}
/**
 * One person's shield.
 *
 * Id: random. Read by its owner and by moderators; written by the functions only. Nothing in it
 * could be compared with a face or voice: those are in ``templates``. Expires 30 days after it
 * was deleted. ``updated_at`` is the cursor by which the signals follow it; what it counts and how
 * far a rescan has come is written without it.
 */
export interface Shield {
  readonly ownerId: string;
  readonly level?: ShieldLevel;
  readonly status?: ShieldStatus;
  readonly toggles?: ShieldToggles;
  readonly statistics?: ShieldStatistics;
  readonly references?: ShieldReferences;
  /**
   * @maxItems 32
   */
  readonly listed?: readonly ShieldReference[];
  /**
   * until then it only holds: a reference is a claim, not a proof
   */
  readonly blocksFrom?: Date | null;
  /**
   * it matched too many unrelated people: only holds until looked at
   */
  readonly heldBackAt?: Date | null;
  /**
   * a moderator found that it is another's face
   */
  readonly disputesLost?: number;
  /**
   * hashes of own pictures may be handed to exchanges; none: they may not
   */
  readonly sharingAgreedAt?: Date | null;
  readonly rescan?: ShieldRescan | null;
  /**
   * bank of the hashes made on the owner's phone
   */
  readonly bankId?: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /**
   * Firestore TTL; set when deleted
   */
  readonly expireAt?: Date | null;
}
/**
 * What the owner switches on and off.
 */
export interface ShieldToggles {
  readonly notifications?: boolean;
  /**
   * outside platforms; maximum only
   */
  readonly monitoring?: boolean;
  /**
   * evidence packages; maximum only
   */
  readonly legalSupport?: boolean;
}
/**
 * What the shield has done, for its owner. Every case is either blocked or held.
 */
export interface ShieldStatistics {
  /**
   * cases of which the upload was blocked
   */
  readonly mediaBlocked?: number;
  /**
   * cases of which it was held, and not blocked
   */
  readonly mediaHeld?: number;
  /**
   * accounts of which an upload was blocked
   */
  readonly attackersBlocked?: number;
  readonly cases?: number;
}
/**
 * How many references of each kind the shield has.
 */
export interface ShieldReferences {
  readonly faces?: number;
  readonly voices?: number;
  readonly hashes?: number;
}
/**
 * One of them, as its owner sees it: when it was added, by which name it is removed.
 */
export interface ShieldReference {
  /**
   * of its ``ShieldTemplate``
   */
  readonly id: string;
  readonly kind: ReferenceKind;
  readonly addedAt: Date;
}
/**
 * How far the comparison with what was published before the shield has come.
 */
export interface ShieldRescan {
  readonly askedAt: Date;
  /**
   * what was published later, the scan itself has compared
   */
  readonly until: Date;
  /**
   * publication of the last one compared
   */
  readonly after?: Date | null;
  /**
   * its id; several have one moment
   */
  readonly afterId?: string | null;
  readonly compared?: number;
  /**
   * taken down
   */
  readonly found?: number;
  /**
   * steps in a row that came to nothing
   */
  readonly tries?: number;
  readonly lease?: Lease | null;
  /**
   * looked after then; none: it is over
   */
  readonly sweepAt?: Date | null;
  /**
   * none and no sweep: given up, or stopped
   */
  readonly finishedAt?: Date | null;
}
/**
 * The request to one platform to remove one thing.
 *
 * Id: ``{reportId}_{sequence}``. Read as its report; written by the functions only. Goes with its
 * report.
 */
export interface Takedown {
  readonly reportId: string;
  readonly reporterId: string;
  /**
   * as in the report
   */
  readonly uploaderId?: string;
  readonly media: ReportedMedia;
  readonly channel?: TakedownChannel;
  readonly state?: TakedownState;
  /**
   * in this app: nothing happens before somebody has looked
   */
  readonly waitsForModerator?: boolean;
  readonly requestedAt?: Date | null;
  /**
   * 48 hours after ``requested_at``
   */
  readonly dueAt?: Date | null;
  readonly closedAt?: Date | null;
  /**
   * removed before it was due; none: not removed
   */
  readonly inTime?: boolean | null;
  readonly alarms?: readonly TakedownAlarm[];
  /**
   * none once the clock has stopped
   */
  readonly nextAlarmAt?: Date | null;
  /**
   * @maxItems 50
   */
  readonly replies?: readonly PlatformReply[];
  /**
   * further copies in this app
   */
  readonly copiesRemoved?: number;
  /**
   * copies are counted again then
   */
  readonly lookAt?: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
