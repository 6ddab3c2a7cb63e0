/** The backend's functions, typed by what the backend says of them. */

import type { FunctionName, Functions } from "../types/generated/functions.js";
import type { FirebasePort } from "../types/port.js";
import type { Faults } from "./faults.js";
import { readAnswer } from "./reading.js";

/** Calls one function. Rejects with MediaIntegrityError. */
export type Call = <N extends FunctionName>(
  name: N,
  request: Functions[N]["request"],
) => Promise<Functions[N]["response"]>;

const TIMEOUT_MS = 30_000;

/** Those that decode media or take something down. A little more than the backend gives them. */
const LONGER_MS: Partial<Record<FunctionName, number>> = {
  add_shield_reference: 130_000,
  request_consent_confirmation: 130_000,
  request_evidence_package: 70_000,
  submit_report: 130_000,
  withdraw_consent: 130_000,
};

export function createCall(port: FirebasePort, faults: Faults): Call {
  return async (name, request) => {
    const answer = await port
      .call(name, request, { timeoutMs: LONGER_MS[name] ?? TIMEOUT_MS })
      .catch((error: unknown) => {
        throw faults.from(error);
      });
    const read = readAnswer(name, answer);
    if (read === null) throw faults.of("internal", "unreadable_answer");
    return read;
  };
}
