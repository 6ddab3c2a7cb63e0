/** What went wrong, for the program. Stable: a code never changes its meaning. */
export type ErrorCode =
  /** Nobody is signed in, or the sign-in is not valid any more. */
  | "unauthenticated"
  /** App Check does not know this app. */
  | "app-check"
  /** The account may not do this. */
  | "forbidden"
  /** What was asked for is not there, or not to be seen. */
  | "not-found"
  /** The request makes no sense. Asking again does not help. */
  | "invalid"
  /** Things are in another state than the request takes for granted. Look again. */
  | "conflict"
  /** Too often. `retryAfterMs` says when again. */
  | "too-many"
  /** The account may not upload now; `until` where that ends. */
  | "upload-refused"
  /** A file that is not accepted: type, size, or not readable. */
  | "file"
  /** No connection. Queued actions go on by themselves. */
  | "offline"
  /** The server does not answer, or failed. */
  | "unavailable"
  /** It took longer than it may. */
  | "timeout"
  /** The caller cancelled it. */
  | "cancelled"
  /** A stored upload cannot go on: the file is gone or has changed, or the session ended. */
  | "session-lost"
  /** A fault of this package, or of the backend. */
  | "internal";

/** Every rejection of this package is one of these. */
export interface MediaIntegrityErrorFields {
  readonly code: ErrorCode;
  /** The backend's finer word, such as `appeals_closed`; stable as well. */
  readonly reason: string | null;
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean;
  /** Milliseconds until it is worth trying again; null where that is not known. */
  readonly retryAfterMs: number | null;
  /** Until when it is refused, where that ends by itself. */
  readonly until: Date | null;
  /** Plain words for the user, in the client's language. Holds no name, path or id. */
  readonly userMessage: string;
}
