/** Cases as the uploader or the person shown sees them, and why they were decided so. */

import type { CaseView, MediaIntegrityClient, WithId } from "../types/client.js";
import type { Appeal, Case, CaseStatus } from "../types/generated/documents.js";
import { LIMITS } from "../types/generated/functions.js";
import type { Unsubscribe } from "../types/port.js";
import { LIST_LENGTH, type Parts } from "./parts.js";

type Cases = Pick<MediaIntegrityClient, "watchCase" | "watchCases" | "explainDecision">;

const DAY_MS = 86_400_000;

/** Where a moderator still hears an appeal; as `appeals/admissible.py` has it. */
const HEARD: ReadonlySet<CaseStatus> = new Set(["OPEN", "ACTIONED", "IN_REVIEW", "UPHELD"]);

/** Until when the uploader may appeal; null where the case allows none. Pure. */
export function appealUntil(theCase: Case): Date | null {
  if (theCase.appealable !== true) return null;
  // A moderator blocks what was held after the case was opened; else it was with its opening.
  const since = theCase.actionedAt ?? theCase.createdAt;
  return new Date(since.getTime() + LIMITS.appealWindowDays * DAY_MS);
}

/**
 * Whether that person may appeal against the case now. Pure; the answer of `firestore.rules` and of
 * the moderators' side together.
 *
 * `closedUntil`: `EnforcementRecord.appealsClosedUntil` of that person.
 */
export function mayAppeal(input: {
  readonly theCase: Case;
  readonly appeal: Appeal | null;
  readonly userId: string;
  readonly closedUntil?: Date | null;
  readonly now: Date;
}): boolean {
  const { theCase, appeal, userId, closedUntil = null, now } = input;
  const until = appealUntil(theCase);
  return (
    theCase.uploaderId === userId &&
    HEARD.has(theCase.status) &&
    appeal === null &&
    until !== null &&
    now <= until &&
    (closedUntil === null || closedUntil <= now)
  );
}

export function createCases({ call, watches, session, faults, language }: Parts): Cases {
  return {
    explainDecision: (caseId) => call("explain_decision", { caseId, language }),

    watchCases: (listener, onError) =>
      watches.query(
        "Case",
        (userId) => ({
          where: [["uploaderId", "==", userId]],
          orderBy: ["createdAt", "desc"],
          limit: LIST_LENGTH,
        }),
        listener,
        onError,
      ),

    watchCase: (caseId, listener, onError) =>
      watches.together((userId, failed) => {
        let theCase: WithId<Case> | null = null;
        let appeal: WithId<Appeal> | null | undefined;
        let closedUntil: Date | null | undefined;
        let isFollowed = false;
        const stops: Unsubscribe[] = [];

        const tell = () => {
          if (session.userId() !== userId) return;
          if (theCase === null) return listener(null);
          const isMine = theCase.uploaderId === userId;
          // Told when all is known, so that no button is shown and taken away again.
          if (isMine && (appeal === undefined || closedUntil === undefined)) return;
          const now = new Date();
          const known = {
            theCase,
            appeal: appeal ?? null,
            userId,
            closedUntil: closedUntil ?? null,
          };
          listener(view(known.theCase, known.appeal, mayAppeal({ ...known, now })));
        };

        const followMine = () => {
          stops.push(
            watches.openQuery(
              "Appeal",
              appealOf(caseId, userId),
              (found) => {
                appeal = found[0] ?? null;
                tell();
              },
              failed,
            ),
            watches.openDocument(
              "EnforcementRecord",
              userId,
              (record) => {
                closedUntil = record?.appealsClosedUntil ?? null;
                tell();
              },
              failed,
            ),
          );
        };

        stops.push(
          watches.openDocument(
            "Case",
            caseId,
            (found) => {
              theCase = found;
              if (found?.uploaderId === userId && !isFollowed) {
                isFollowed = true;
                followMine();
              }
              tell();
            },
            // The rules do not say whether there is a case that somebody may not see.
            (error) => {
              const fault = faults.from(error);
              failed(fault.code === "forbidden" ? faults.of("not-found") : fault);
            },
          ),
        );
        return () => {
          for (const stop of stops) stop();
        };
      }, onError),
  };
}

/**
 * The appeal against a case, as a list of one: rules cannot say of a single document that is not
 * there whose it would be, and refuse.
 */
export function appealOf(caseId: string, userId: string) {
  return {
    where: [
      ["uploaderId", "==", userId],
      ["caseId", "==", caseId],
    ],
    limit: 1,
  } as const;
}

function view(theCase: WithId<Case>, appeal: WithId<Appeal> | null, isAllowed: boolean): CaseView {
  return {
    case: theCase,
    appeal,
    mayAppeal: isAllowed,
    appealUntil: appealUntil(theCase),
  };
}
