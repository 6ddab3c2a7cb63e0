/** A real face in the public domain, from the backend's own tests: none is kept here. */

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const PYTHON = resolve(ROOT, "functions/venv/bin/python");

/** Of whom ``tests/emulator/portraits.py`` has photographs: an astronaut and an admiral. */
export type Portrayed = "hers" | "theirs";

/** A JPEG of this person, another picture to a hash each time. */
export function portraitBytes(who: Portrayed): Buffer<ArrayBuffer> {
  const program = `import sys; from tests.emulator.portraits import ${who}; sys.stdout.buffer.write(${who}())`;
  return Buffer.from(
    execFileSync(PYTHON, ["-c", program], {
      env: { ...process.env, PYTHONPATH: `${resolve(ROOT, "functions")}:${ROOT}` },
      maxBuffer: 2 ** 24,
    }),
  );
}

export function portraitFile(name = "portrait.jpg"): File {
  return new File([portraitBytes("hers")], name, { type: "image/jpeg" });
}
