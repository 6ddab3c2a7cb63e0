import { useMemo } from "react";

import type { MediaIntegrityClient, Sent } from "../types/index.js";
import type { AnsweredShieldMatch, ShieldAnswer } from "../types/generated/messages.js";
import { attempt, IGNORED, type Result } from "./attempting.js";
import {
  attemptOf,
  attemptsLeft,
  reduceAttempts,
  type Attempt,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { createStore } from "./store.js";

/** What became of an answer: the backend's word for it, or kept until there is a connection. */
export type ShieldMatchAnswered =
  { readonly how: "sent"; readonly outcome: string } | { readonly how: "queued" };

export interface UseShieldMatch {
  /**
   * `failed` with the code `conflict`: it is decided by now; `not-found`: nothing to be asked about.
   */
  readonly answering: Attempt<ShieldMatchAnswered>;
  readonly answer: (answer: ShieldAnswer) => Promise<Result<Sent<AnsweredShieldMatch>>>;
  /** Puts the last answer away, to give another one. */
  readonly again: () => void;
}

/**
 * An upload that was held because it may show the owner of a shield, who is asked about it. The
 * upload itself is never shown: it may be somebody else's picture.
 *
 * @param caseId - of the notification; null for none.
 *
 * @example
 * ```tsx
 * const { answering, answer } = useShieldMatch(caseId);
 * return <Button disabled={answering.state === "busy"} onPress={() => answer("refuse")} />;
 * ```
 */
export function useShieldMatch(caseId: string | null): UseShieldMatch {
  const { client, userId, session } = useSession();
  const control = useKeyed([client, session, userId, caseId], () =>
    createMatchControl(client, userId === null ? null : caseId),
  );
  const attempts = useStore(control.store);
  return useMemo(
    () => ({
      answering: attemptOf(attempts, ANSWER),
      answer: control.answer,
      again: control.again,
    }),
    [attempts, control],
  );
}

const ANSWER = "answer";

function createMatchControl(client: MediaIntegrityClient, caseId: string | null) {
  const store = createStore<Attempts<ShieldMatchAnswered>, AttemptEvent<ShieldMatchAnswered>>({
    initial: {},
    reduce: reduceAttempts,
    open: () => () => undefined,
    left: attemptsLeft,
  });
  return {
    store,
    answer: async (answer: ShieldAnswer): Promise<Result<Sent<AnsweredShieldMatch>>> =>
      caseId === null
        ? IGNORED
        : attempt<Attempts<ShieldMatchAnswered>, ShieldMatchAnswered, Sent<AnsweredShieldMatch>>(
            client,
            store,
            (attempts) => attempts,
            ANSWER,
            () => client.answerShieldMatch(caseId, answer),
            (sent) =>
              sent.sent ? { how: "sent", outcome: sent.answer.outcome } : { how: "queued" },
          ),
    again: () => store.send({ type: "dismissed", name: ANSWER }),
  };
}
