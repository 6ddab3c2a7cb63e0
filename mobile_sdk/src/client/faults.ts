/** Failures in the client's language, and their way to the app's log. */

import type { ClientEvent } from "../types/client.js";
import type { ErrorCode } from "../types/errors.js";
import type { Language } from "../types/generated/messages.js";
import { type ErrorDetails, inLanguage, MediaIntegrityError } from "./errors.js";

export interface Faults {
  of(code: ErrorCode, reason?: string, details?: ErrorDetails): MediaIntegrityError;
  /** Whatever was thrown, as one of ours. */
  from(error: unknown): MediaIntegrityError;
  /** Told in the app's log and nowhere else. */
  note(error: MediaIntegrityError): void;
}

export function createFaults(
  language: Language,
  onEvent: ((event: ClientEvent) => void) | undefined,
): Faults {
  return {
    of: (code, reason, details = {}) =>
      new MediaIntegrityError(code, { reason: reason ?? null, ...details, language }),
    from: (error) => inLanguage(error, language),
    note: ({ code, reason }) => onEvent?.({ kind: "error", code, reason }),
  };
}
