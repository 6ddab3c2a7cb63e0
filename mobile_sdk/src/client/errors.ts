import { errorMessage } from "../i18n/errors.js";
import type { ErrorCode, MediaIntegrityErrorFields } from "../types/errors.js";
import type { Language } from "../types/generated/messages.js";

/** What is known of a failure besides its code. */
export interface ErrorDetails {
  readonly reason?: string | null;
  /** Default: what the code says. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | null;
  readonly until?: Date | null;
  /** In English, by the backend, for the user. */
  readonly backendText?: string | null;
  readonly language?: Language;
  readonly cause?: unknown;
}

/** Every rejection of this package. `message` is for developers: codes only. */
export class MediaIntegrityError extends Error implements MediaIntegrityErrorFields {
  override readonly name = "MediaIntegrityError";
  readonly code: ErrorCode;
  readonly reason: string | null;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly until: Date | null;
  readonly userMessage: string;
  /** The backend's own words, in English; null where it said none that a user should see. */
  readonly backendText: string | null;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const reason = details.reason ?? null;
    super(reason === null ? code : `${code}: ${reason}`, { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.retryable = details.retryable ?? RETRYABLE.has(code);
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.until = details.until ?? null;
    this.backendText = details.backendText ?? null;
    const language = details.language ?? "en";
    // The backend's words are more to the point, and English.
    this.userMessage =
      (language === "en" ? this.backendText : null) ??
      errorMessage(language, code, { reason, until: this.until });
  }
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "too-many",
  "offline",
  "unavailable",
  "timeout",
]);

/** The same failure in the user's language. Whatever it was, it is one of ours afterwards. */
export function inLanguage(error: unknown, language: Language): MediaIntegrityError {
  const { code, ...details } = asMediaIntegrityError(error);
  return new MediaIntegrityError(code, { ...details, language, cause: causeOf(error) });
}

/** As it is where it is one of ours; what nobody foresaw is `internal`. */
export function asMediaIntegrityError(error: unknown): MediaIntegrityError {
  if (error instanceof MediaIntegrityError) return error;
  return new MediaIntegrityError("internal", { cause: error });
}

/** What is told of an error, without the rest of it. */
export function errorFields(error: MediaIntegrityError): MediaIntegrityErrorFields {
  const { code, reason, retryable, retryAfterMs, until, userMessage } = error;
  return { code, reason, retryable, retryAfterMs, until, userMessage };
}

function causeOf(error: unknown): unknown {
  return error instanceof MediaIntegrityError ? error.cause : error;
}

/** What the SDKs of Firebase call failures, without the service before the slash. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  unauthenticated: "unauthenticated",
  "permission-denied": "forbidden",
  "not-found": "not-found",
  "invalid-argument": "invalid",
  "out-of-range": "invalid",
  "failed-precondition": "conflict",
  "already-exists": "conflict",
  aborted: "unavailable",
  "resource-exhausted": "too-many",
  unavailable: "unavailable",
  "deadline-exceeded": "timeout",
  // Connections that broke, by gRPC's word. What a caller gives up is not Firebase's to say.
  cancelled: "unavailable",
  // Firebase Auth's own
  "network-request-failed": "unavailable",
  "too-many-requests": "too-many",
  "user-token-expired": "unauthenticated",
  "user-disabled": "unauthenticated",
  "user-not-found": "unauthenticated",
  "invalid-user-token": "unauthenticated",
  "requires-recent-login": "unauthenticated",
};

/** Codes with words of the backend that are for users. */
const WORDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "unauthenticated",
  "forbidden",
  "not-found",
  "invalid",
  "conflict",
  "too-many",
  "unavailable",
]);

/**
 * A failure of Firebase as one of ours.
 *
 * `isOnline`: whether the system says that there is a connection; undefined where it does not.
 */
export function fromFirebase(failure: unknown, isOnline: boolean | undefined): MediaIntegrityError {
  if (failure instanceof MediaIntegrityError) return failure;
  const given = textOf(failure, "code") ?? "";
  const name = given.slice(given.indexOf("/") + 1);
  const details = recordOf(failure, "details");
  const reason = textOf(details, "code") ?? null;
  if (reason === "app_check") {
    return new MediaIntegrityError("app-check", { reason, cause: failure });
  }
  // Lost connections: the callable SDKs call each "internal", in small letters and without details;
  // react-native-firebase on iOS "unknown", which the backend says of nothing.
  const isLost =
    reason === null &&
    (name === "unknown" || (name === "internal" && textOf(failure, "message") === "internal"));
  const known = isLost ? "unavailable" : (CODES[name] ?? "internal");
  const code = known === "unavailable" && reason === null && isOnline === false ? "offline" : known;
  const seconds = details?.["retryAfterS"];
  return new MediaIntegrityError(code, {
    reason,
    retryAfterMs: typeof seconds === "number" ? 1000 * seconds : null,
    backendText:
      reason !== null && reason !== "malformed" && WORDED.has(code)
        ? (textOf(failure, "message") ?? null)
        : null,
    cause: failure,
  });
}

function recordOf(value: unknown, key: string): Readonly<Record<string, unknown>> | undefined {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : undefined;
}

function textOf(value: unknown, key: string): string | undefined {
  const text = isRecord(value) ? value[key] : undefined;
  return typeof text === "string" ? text : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
