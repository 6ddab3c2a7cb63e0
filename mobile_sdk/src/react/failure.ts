import { errorFields, inLanguage, MediaIntegrityError } from "../client/errors.js";
import type { MediaIntegrityClient, MediaIntegrityErrorFields } from "../types/index.js";

/** What a state tells of a failure. The client's own are in the user's language already. */
export function failureOf(
  cause: unknown,
  client: Pick<MediaIntegrityClient, "language">,
): MediaIntegrityErrorFields {
  return errorFields(
    cause instanceof MediaIntegrityError ? cause : inLanguage(cause, client.language),
  );
}
