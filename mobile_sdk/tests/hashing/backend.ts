/** Asks the backend's own code for its hashes. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { PDQ_FORMS, type PdqForms, type RgbaImage } from "../../src/hashing/index.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const PYTHON = join(ROOT, "functions/venv/bin/python");

/** Why the backend cannot be asked; undefined where it can. */
export const backendMissing: string | undefined = existsSync(PYTHON)
  ? undefined
  : "the backend's environment (functions/venv) is not here";

/** Reference pictures and their hashes, which are not part of this repository. */
export const REFERENCE: string = resolve(ROOT, "../shared/data/perceptual_hash");

/** What the backend hashes: pixels, or a file's bytes opened as an upload is. */
export type Asked = { readonly image: RgbaImage } | { readonly file: Uint8Array };

/** The backend's hashes of each, in the order given. */
export function backendHashes(asked: readonly Asked[]): readonly PdqForms[] {
  const folder = mkdtempSync(join(tmpdir(), "backend-hashes-"));
  try {
    const lines = asked.map((one, index) => {
      const path = join(folder, String(index));
      if ("file" in one) {
        writeFileSync(path, one.file);
        return JSON.stringify({ file: path });
      }
      const { data, width, height } = one.image;
      writeFileSync(path, rgb(data));
      return JSON.stringify({ raw: path, width, height });
    });
    const answer = execFileSync(PYTHON, [resolve(ROOT, "mobile_sdk/scripts/backend_hashes.py")], {
      input: lines.join("\n"),
      env: { ...process.env, PYTHONPATH: join(ROOT, "functions"), PYTHONDONTWRITEBYTECODE: "1" },
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    const found = answer.trim().split("\n").map(parsed);
    if (found.length !== asked.length) throw new Error(`${found.length} answers`);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rgb(data: RgbaImage["data"]): Uint8Array {
  const colours = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    colours.set(data.subarray(from, from + 3), to);
  }
  return colours;
}

function parsed(line: string): PdqForms {
  const value: unknown = JSON.parse(line);
  if (!isForms(value)) throw new Error("the backend's answer has another shape");
  return value;
}

function isForms(value: unknown): value is PdqForms {
  if (typeof value !== "object" || value === null || !("forms" in value)) return false;
  const { forms } = value;
  if (typeof forms !== "object" || forms === null) return false;
  return "quality" in value && Object.keys(forms).join() === PDQ_FORMS.join();
}
