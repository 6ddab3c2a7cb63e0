/** How the account stands. */

import type { MediaIntegrityClient } from "../types/client.js";
import type { Parts } from "./parts.js";

type Standing = Pick<MediaIntegrityClient, "watchStanding">;

export function createStanding({ watches }: Parts): Standing {
  return {
    watchStanding: (listener, onError) =>
      watches.document("EnforcementRecord", (userId) => userId, listener, onError),
  };
}
