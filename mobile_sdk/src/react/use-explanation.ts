import { useMemo } from "react";

import type { DecisionExplanation } from "../types/index.js";
import { askOnce, sharedWatch } from "./shared-watch.js";
import { IDLE, settled, useWatch, type Idle, type NotReady } from "./watched.js";

const explanations = sharedWatch<DecisionExplanation>(
  askOnce((client, caseId) => client.explainDecision(caseId)),
);

export type Explanation =
  Idle | NotReady | { readonly state: "ready"; readonly explanation: DecisionExplanation };

/**
 * Why something was decided, in full and in the client's language. Asked for once; what was decided
 * later is told when the hook is mounted anew.
 *
 * @param caseId - null for none yet.
 *
 * @example
 * ```tsx
 * const why = useExplanation(caseId);
 * if (why.state === "ready") return <Text>{why.explanation.text}</Text>;
 * ```
 */
export function useExplanation(caseId: string | null): Explanation {
  const look = useWatch(explanations, caseId);
  return useMemo((): Explanation => {
    if (caseId === null) return IDLE;
    return settled(look, (explanation) => ({ state: "ready", explanation }));
  }, [caseId, look]);
}
