/** How long to wait before something is tried again. */

import type { Connectivity } from "../../types/port.js";
import { MediaIntegrityError } from "../errors.js";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Doubled each time, up to half a minute, with a random part so that not all come back at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return most / 2 + (most / 2) * random();
}

/**
 * Waits for a time, or until the connection comes back. While the system says that there is none it
 * waits half a minute each time: systems do not always notice.
 *
 * Rejects with `cancelled` once the signal is aborted.
 */
export function pause(
  milliseconds: number,
  connectivity: Connectivity,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new MediaIntegrityError("cancelled"));
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener("abort", abort);
    };
    const done = (): void => {
      end();
      resolve();
    };
    const abort = (): void => {
      end();
      reject(new MediaIntegrityError("cancelled"));
    };
    const timer = setTimeout(done, connectivity.online() ? milliseconds : LONGEST_MS);
    const stop = connectivity.onChange((online) => {
      if (online) done();
    });
    signal.addEventListener("abort", abort);
  });
}
