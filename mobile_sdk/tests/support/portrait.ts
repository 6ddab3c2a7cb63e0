/** A real face in the public domain, from the backend's own environment: none is kept here. */

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const PYTHON = resolve(import.meta.dirname, "../../../functions/venv/bin/python");

const SCRIPT = `
import io, random, sys
from PIL import Image
from skimage import data
left, top = random.randrange(0, 40), random.randrange(0, 20)
picture = Image.fromarray(data.astronaut()).crop((left, top, left + 470, top + 490))
out = io.BytesIO()
picture.save(out, "JPEG", quality=random.randrange(88, 96))
sys.stdout.buffer.write(out.getvalue())
`;

/** Eileen Collins, astronaut (NASA), cut a little differently each time. */
export function portraitFile(name = "portrait.jpg"): File {
  const bytes = execFileSync(PYTHON, ["-c", SCRIPT], { maxBuffer: 2 ** 24 });
  return new File([new Uint8Array(bytes)], name, { type: "image/jpeg" });
}
