/** The states of an upload and what may follow on which. Pure: effects are in `task.ts`. */

import type { ScanView, UploadOutcome, UploadState } from "../../types/client.js";
import type { MediaIntegrityErrorFields } from "../../types/errors.js";
import type { ScanStep } from "../../types/generated/documents.js";

interface Bytes {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/** As `UploadState`; while it is prepared, more is known than is told. */
export type Machine =
  | {
      readonly state: "preparing";
      /** Null until the file is open. */
      readonly totalBytes: number | null;
      /** Asked for before anything could be paused. */
      readonly pauses: boolean;
    }
  | ({ readonly state: "uploading" | "paused" | "waiting-for-network" } & Bytes)
  | Extract<UploadState, { readonly state: "scanning" | "finished" | "failed" | "cancelled" }>;

/** What happens while bytes are sent. */
type Moving =
  | { readonly event: "opened"; readonly totalBytes: number }
  /** Bytes go out from now on. */
  | { readonly event: "started" }
  /** The server has so many bytes. */
  | { readonly event: "progress"; readonly sentBytes: number }
  /** What was sent is lost: from the first byte again. */
  | { readonly event: "restarted" }
  | { readonly event: "cut" }
  | { readonly event: "connected" }
  | { readonly event: "pause" }
  | { readonly event: "resume" };

export type UploadEvent =
  | Moving
  | { readonly event: "cancel" }
  /** All bytes are there. */
  | { readonly event: "stored"; readonly jobId: string }
  | { readonly event: "scanned"; readonly step: ScanStep | null; readonly progress: number }
  | { readonly event: "finished"; readonly outcome: UploadOutcome }
  | { readonly event: "failed"; readonly error: MediaIntegrityErrorFields };

export const INITIAL: Machine = { state: "preparing", totalBytes: null, pauses: false };

/** What follows. An event that does not fit changes nothing, and gives the same object. */
export function after(machine: Machine, event: UploadEvent): Machine {
  if (isOver(machine)) return machine;
  switch (event.event) {
    case "failed":
      return { state: "failed", error: event.error };
    case "finished":
      return machine.state === "scanning" ? { state: "finished", ...event.outcome } : machine;
    case "scanned":
      return machine.state === "scanning" ? scanned(machine, event) : machine;
    case "stored":
      if (machine.state === "scanning") return machine;
      return { state: "scanning", jobId: event.jobId, step: null, progress: 0 };
    default:
      if (machine.state === "scanning") return machine;
      if (event.event === "cancel") return { state: "cancelled" };
      return machine.state === "preparing" ? prepared(machine, event) : moved(machine, event);
  }
}

type Over = Extract<Machine, { readonly state: "finished" | "failed" | "cancelled" }>;
type Preparing = Extract<Machine, { readonly state: "preparing" }>;
type Sending = Extract<Machine, { readonly state: "uploading" | "paused" | "waiting-for-network" }>;

function prepared(machine: Preparing, event: Moving): Machine {
  const { totalBytes, pauses } = machine;
  switch (event.event) {
    case "opened":
      if (pauses) return { state: "paused", sentBytes: 0, totalBytes: event.totalBytes };
      return { ...machine, totalBytes: event.totalBytes };
    case "started":
      return totalBytes === null ? machine : { state: "uploading", sentBytes: 0, totalBytes };
    case "cut":
      if (totalBytes === null) return machine;
      return { state: "waiting-for-network", sentBytes: 0, totalBytes };
    case "pause":
      if (totalBytes !== null) return { state: "paused", sentBytes: 0, totalBytes };
      return pauses ? machine : { ...machine, pauses: true };
    case "resume":
      return pauses ? { ...machine, pauses: false } : machine;
    default:
      return machine;
  }
}

function moved(machine: Sending, event: Moving): Machine {
  switch (event.event) {
    case "progress": {
      // Never backwards: the server keeps what it has said that it has.
      const sentBytes = Math.min(machine.totalBytes, Math.max(machine.sentBytes, event.sentBytes));
      return sentBytes === machine.sentBytes ? machine : { ...machine, sentBytes };
    }
    case "restarted":
      return machine.sentBytes === 0 ? machine : { ...machine, sentBytes: 0 };
    case "cut":
      return machine.state === "uploading" ? { ...machine, state: "waiting-for-network" } : machine;
    case "started":
    case "connected":
      return machine.state === "waiting-for-network" ? { ...machine, state: "uploading" } : machine;
    case "pause":
      return machine.state === "paused" ? machine : { ...machine, state: "paused" };
    case "resume":
      return machine.state === "paused" ? { ...machine, state: "uploading" } : machine;
    default:
      return machine;
  }
}

function scanned(
  machine: Extract<Machine, { readonly state: "scanning" }>,
  { step, progress }: Pick<Extract<ScanView, { state: "scanning" }>, "step" | "progress">,
): Machine {
  const further = Math.min(1, Math.max(machine.progress, progress));
  if (step === machine.step && further === machine.progress) return machine;
  return { ...machine, step, progress: further };
}

/** Whether it has ended, one way or another. */
export function isOver(machine: Machine): machine is Over {
  return (
    machine.state === "finished" || machine.state === "failed" || machine.state === "cancelled"
  );
}

/** What an app is told. */
export function told(machine: Machine): UploadState {
  return machine.state === "preparing" ? { state: "preparing" } : machine;
}
