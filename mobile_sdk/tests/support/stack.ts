/** The running emulators, by the file that `./dev up` writes. */

import { readFileSync } from "node:fs";

export interface Stack {
  readonly project: string;
  readonly bucket: string;
  readonly ports: {
    readonly auth: number;
    readonly firestore: number;
    readonly functions: number;
    readonly storage: number;
  };
}

export const HOST = "127.0.0.1";

let known: Stack | undefined;

/** Throws where no stack runs: these tests need one. */
export function stack(): Stack {
  known ??= read();
  return known;
}

function read(): Stack {
  const path = process.env["MEDIA_INTEGRITY_STACK_FILE"];
  if (path === undefined) {
    throw new Error("MEDIA_INTEGRITY_STACK_FILE names no stack file: start the emulators first");
  }
  const found: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isStack(found)) throw new Error("the stack file is not understood");
  return found;
}

function isStack(value: unknown): value is Stack {
  if (typeof value !== "object" || value === null) return false;
  if (!("project" in value) || typeof value.project !== "string") return false;
  if (!("bucket" in value) || typeof value.bucket !== "string") return false;
  const ports = "ports" in value ? value.ports : null;
  if (typeof ports !== "object" || ports === null) return false;
  const listed: Readonly<Record<string, unknown>> = { ...ports };
  return ["auth", "firestore", "functions", "storage"].every(
    (name) => typeof listed[name] === "number",
  );
}
