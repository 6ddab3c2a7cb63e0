import { useMemo } from "react";

import type { ScanView } from "../types/index.js";
import { sharedWatch } from "./shared-watch.js";
import { IDLE, settled, useWatch, type Idle, type NotReady } from "./watched.js";

export const scanWatch = sharedWatch<ScanView>((client, jobId, next, fail) =>
  client.watchScan(jobId, next, fail),
);

export type ScanStatus = Idle | NotReady | ScanView;

/**
 * How one upload stands, also after its first verdict: consent that is given, a moderator's
 * decision and an appeal change it. Two hooks of one job agree.
 *
 * @param jobId - null for none yet.
 *
 * @example
 * ```tsx
 * const scan = useScan(jobId);
 * if (scan.state === "finished" && scan.outcome === "published") return <Picture of={scan} />;
 * ```
 */
export function useScan(jobId: string | null): ScanStatus {
  const look = useWatch(scanWatch, jobId);
  return useMemo(() => (jobId === null ? IDLE : settled(look, (view) => view)), [jobId, look]);
}
