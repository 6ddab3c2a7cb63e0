import { useMemo } from "react";

import type { CaseView } from "../types/index.js";
import { sharedWatch } from "./shared-watch.js";
import { IDLE, settled, useWatch, type Idle, type NotReady } from "./watched.js";

export const caseWatch = sharedWatch<CaseView | null>((client, caseId, next, fail) =>
  client.watchCase(caseId, next, fail),
);

export type CaseStatusView =
  | Idle
  | NotReady
  /** There is no such case, or it is not this person's. */
  | { readonly state: "absent" }
  | ({ readonly state: "ready" } & CaseView);

const ABSENT: CaseStatusView = { state: "absent" };

/**
 * A held or blocked upload: what was found, what was decided, and whether an appeal may be sent.
 *
 * @param caseId - null for none yet.
 *
 * @example
 * ```tsx
 * const found = useCase(caseId);
 * if (found.state === "ready" && found.mayAppeal) return <AppealButton until={found.appealUntil} />;
 * ```
 */
export function useCase(caseId: string | null): CaseStatusView {
  const look = useWatch(caseWatch, caseId);
  return useMemo((): CaseStatusView => {
    if (caseId === null) return IDLE;
    return settled(look, (view) => (view === null ? ABSENT : { state: "ready", ...view }));
  }, [caseId, look]);
}
