/** Reports of abuse, and what becomes of them. */

import type { MediaIntegrityClient, ReportInput } from "../types/client.js";
import { LIMITS } from "../types/generated/functions.js";
import type { SubmitReport } from "../types/generated/messages.js";
import type { Evidence } from "./evidence.js";
import { randomId } from "./ids.js";
import { LIST_LENGTH, type Parts } from "./parts.js";

type Reports = Pick<
  MediaIntegrityClient,
  "submitReport" | "withdrawReport" | "readTakedownLetter" | "watchReports" | "watchTakedowns"
>;

const MOST_TAKEDOWNS = 20;

/**
 * What somebody declares who asks for removal, in the words of the backend's docs/takedowns.md. An
 * app shows it, translated or not, before `ReportInput.statement` is signed; letters repeat it.
 */
export const REPORT_STATEMENT =
  "I believe in good faith that this media was published without the consent of the person " +
  "shown. I have read this statement and it is true.";

export function createReports(parts: Parts & { readonly evidence: Evidence }): Reports {
  const { call, queue, watches, evidence, session, faults, language } = parts;
  return {
    submitReport: async (input) => {
      const problem = problemOf(input);
      if (problem !== null) throw faults.of("invalid", problem);
      await session.known;
      const userId = session.userId();
      if (userId === null) throw faults.of("unauthenticated");
      // The same draft is the same report, however often it is sent.
      const draftId = randomId();
      return queue.submit({
        kind: "report",
        request: requestOf(input, draftId),
        files: await evidence.prepare(`reports/${userId}/${draftId}`, input.files ?? []),
      });
    },

    withdrawReport: async (reportId) => {
      await call("withdraw_report", { reportId });
    },

    readTakedownLetter: (takedownId) => call("read_takedown_letter", { takedownId, language }),

    watchReports: (listener, onError) =>
      watches.query(
        "Report",
        (userId) => ({
          where: [["reporterId", "==", userId]],
          orderBy: ["createdAt", "desc"],
          limit: LIST_LENGTH,
        }),
        listener,
        onError,
      ),

    watchTakedowns: (reportId, listener, onError) =>
      watches.query(
        "Takedown",
        (userId) => ({
          where: [
            ["reporterId", "==", userId],
            ["reportId", "==", reportId],
          ],
          limit: MOST_TAKEDOWNS,
        }),
        listener,
        onError,
      ),
  };
}

/** What the backend would refuse, found before a file is sent. Pure. */
export function problemOf(input: ReportInput): string | null {
  const { media, files = [], concernsMinor = false } = input;
  if (media.length === 0) return "no_media";
  if (media.length > LIMITS.reportMaxMedia) return "too_much_media";
  if (files.length > LIMITS.reportMaxFiles) return "too_many_files";
  // Nobody should make copies of them, for us least of all.
  if (concernsMinor && files.length > 0) return "no_copies_of_minors";
  return null;
}

function requestOf(input: ReportInput, draftId: string): SubmitReport {
  const { kind, concernsMinor = false, media, description = "", victim, statement } = input;
  return {
    draftId,
    kind,
    concernsMinor,
    media: media.map((each) => ("url" in each ? { url: each.url } : { jobId: each.jobId })),
    description,
    ...(victim === undefined ? {} : { victim: { name: victim.name, mail: victim.mail } }),
    ...(statement === undefined
      ? {}
      : {
          statement: {
            capacity: statement.capacity,
            signature: statement.signature,
            notConsensual: true,
            goodFaith: true,
          },
        }),
  };
}
