/** Appeals: written to Firestore by the app itself, under the rules. Once for each case. */

import type { AppealInput, MediaIntegrityClient } from "../types/client.js";
import { COLLECTIONS, LIMITS } from "../types/generated/functions.js";
import { SERVER_TIME } from "../types/port.js";
import { appealOf, appealUntil } from "./cases.js";
import type { MediaIntegrityError } from "./errors.js";
import type { Evidence } from "./evidence.js";
import type { Faults } from "./faults.js";
import type { Parts } from "./parts.js";
import type { Performers } from "./queue.js";
import type { Watches } from "./watching.js";
import type { FirebasePort } from "../types/port.js";

type Appeals = Pick<MediaIntegrityClient, "submitAppeal">;

const CASE_ID = /^[0-9a-f]{64}$/;

export function createAppeals(parts: Parts & { readonly evidence: Evidence }): Appeals {
  const { queue, evidence, session, faults } = parts;
  return {
    submitAppeal: async (input) => {
      const problem = problemOf(input);
      if (problem !== null) throw faults.of("invalid", problem);
      await session.known;
      const userId = session.userId();
      if (userId === null) throw faults.of("unauthenticated");
      const { caseId, reason, explanation, files = [] } = input;
      const sent = await queue.submit({
        kind: "appeal",
        caseId,
        reason,
        explanation: explanation.trim(),
        files: await evidence.prepare(`appeals/${userId}/${caseId}`, files),
      });
      return sent;
    },
  };
}

/** What the rules would refuse, found before anything is sent. Pure. */
export function problemOf({ caseId, explanation, files = [] }: AppealInput): string | null {
  const length = explanation.trim().length;
  if (!CASE_ID.test(caseId)) return "case_id";
  if (length < LIMITS.appealMinCharacters) return "appeal_too_short";
  if (length > LIMITS.appealMaxCharacters) return "appeal_too_long";
  if (files.length > LIMITS.appealMaxFiles) return "too_many_files";
  return null;
}

export function performAppeal(parts: {
  readonly port: FirebasePort;
  readonly watches: Watches;
  readonly evidence: Evidence;
  readonly faults: Faults;
  readonly userId: () => string | null;
}): Performers["appeal"] {
  const { port, watches, evidence, faults } = parts;

  return async ({ caseId, reason, explanation, files }, stillTheirs) => {
    stillTheirs();
    const userId = parts.userId();
    if (userId === null) throw faults.of("unauthenticated");
    const evidencePaths = await evidence.put(files);
    stillTheirs();
    try {
      await port.createDocument(`${COLLECTIONS.Appeal}/${caseId}`, {
        caseId,
        uploaderId: userId,
        reason,
        explanation,
        evidencePaths,
        status: "pending",
        createdAt: SERVER_TIME,
      });
    } catch (error) {
      const fault = faults.from(error);
      if (fault.code !== "forbidden" && fault.code !== "conflict") throw fault;
      const found = await lookUp(caseId, userId);
      if (found.reason === reason && found.explanation === explanation) return undefined;
      throw found.why ?? fault;
    }
    return undefined;
  };

  /** The rules only say no. Why, the documents say: perhaps it had been sent before. */
  async function lookUp(
    caseId: string,
    userId: string,
  ): Promise<{
    readonly reason?: string;
    readonly explanation?: string;
    readonly why: MediaIntegrityError | null;
  }> {
    const [appeal] = await watches.once<readonly { reason: string; explanation: string }[]>(
      (listener, failed) => watches.openQuery("Appeal", appealOf(caseId, userId), listener, failed),
    );
    if (appeal !== undefined) return { ...appeal, why: faults.of("conflict", "appeal_exists") };
    try {
      const theCase = await watches.once<Parameters<typeof appealUntil>[0] | null>(
        (listener, failed) => watches.openDocument("Case", caseId, listener, failed),
      );
      if (theCase === null || theCase.uploaderId !== userId) {
        return { why: faults.of("not-found") };
      }
      const until = appealUntil(theCase);
      if (until === null) return { why: faults.of("forbidden", "not_appealable") };
      if (until < new Date()) return { why: faults.of("forbidden", "appeal_too_late", { until }) };
    } catch (error) {
      const fault = faults.from(error);
      return { why: fault.code === "forbidden" ? faults.of("not-found") : fault };
    }
    const record = await watches.once<{ appealsClosedUntil?: Date | null } | null>(
      (listener, failed) => watches.openDocument("EnforcementRecord", userId, listener, failed),
    );
    const closedUntil = record?.appealsClosedUntil ?? null;
    if (closedUntil === null || closedUntil < new Date()) return { why: null };
    return { why: faults.of("forbidden", "appeals_closed", { until: closedUntil }) };
  }
}
