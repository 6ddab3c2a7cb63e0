/** How an upload's scan goes, in an app's words. */

import type { ScanView } from "../types/client.js";
import type { Reason, ScanJob, VerdictSummary } from "../types/generated/documents.js";
import type { MediaIntegrityClient, WithId } from "../types/client.js";
import type { Parts } from "./parts.js";

type Scans = Pick<MediaIntegrityClient, "watchScan">;

export function createScans({ watches }: Pick<Parts, "watches">): Scans {
  return {
    watchScan: (jobId, listener, onError) =>
      watches.document(
        "ScanJob",
        () => jobId,
        // The id is known before the functions have heard of the upload.
        (job) => listener(job === null ? notYet(jobId) : outcomeOf(job)),
        onError,
      ),
  };
}

const notYet = (jobId: string): ScanView => ({
  state: "scanning",
  jobId,
  step: null,
  progress: 0,
});

/**
 * What a job says about its upload. Pure.
 *
 * Whatever is not certain counts as still being scanned: a verdict whose file is not in its place
 * yet (`DECIDED`), and states of a newer backend.
 */
export function outcomeOf(job: WithId<ScanJob>): ScanView {
  const jobId = job.id;
  const verdict = job.verdict ?? null;
  const caseId = job.caseId ?? jobId;
  const scanning: ScanView = {
    state: "scanning",
    jobId,
    step: job.step ?? null,
    progress: job.progress ?? 0,
  };
  const state = job.state ?? "PENDING";
  switch (state) {
    case "PENDING":
    case "SCANNING":
    case "DECIDED":
      return scanning;
    case "PUBLISHED":
      if (verdict === null || job.publishedPath == null) return scanning;
      return {
        state: "finished",
        outcome: "published",
        jobId,
        verdict,
        publishedPath: job.publishedPath,
        previewPath: job.previewPath ?? null,
        isProtected: "watermarked" in job && job.watermarked === true,
      };
    case "AWAITING_CONSENT":
      if (verdict === null) return scanning;
      return {
        state: "finished",
        outcome: "awaiting-consent",
        jobId,
        verdict,
        people: job.people?.count ?? 0,
      };
    case "HELD":
      return finished("held", jobId, caseId, verdict ?? unexplained("REVIEW"));
    case "BLOCKED":
      return finished("blocked", jobId, caseId, verdict ?? unexplained("BLOCK"));
    case "REFUSED":
      return {
        state: "finished",
        outcome: "refused",
        jobId,
        reason: job.refusal?.code ?? "unknown",
        text: job.refusal?.text ?? "",
      };
    default:
      return newer(state, scanning);
  }
}

function finished(
  outcome: "held" | "blocked",
  jobId: string,
  caseId: string,
  verdict: VerdictSummary,
): ScanView {
  return { state: "finished", outcome, jobId, caseId, verdict };
}

/** Held or blocked before there was a verdict: what failed was not the upload. */
function unexplained(action: "REVIEW" | "BLOCK"): VerdictSummary {
  const reasons: readonly Reason[] = [];
  return { action, reasons, policyVersion: "" };
}

/** Every state that this version knows is dealt with above; the compiler checks it. */
function newer(_state: never, view: ScanView): ScanView {
  return view;
}
