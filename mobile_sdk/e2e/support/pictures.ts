import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pngBytes } from "../../tests/support/pictures.js";
import { portraitBytes } from "../../tests/support/portrait.js";

/** A file as somebody chooses it in the browser. */
export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A threat that somebody was sent, as a picture of text; of another sum each time. */
const NOTICE = `
import secrets, sys
from PIL import Image, ImageDraw, ImageFont
lines = (
    f"Send me \${300 + secrets.randbelow(600)} today",
    "or I will post your nudes",
    "to all your friends.",
)
page = Image.new("RGB", (720, 300), tuple(225 + secrets.randbelow(30) for _ in "rgb"))
font = ImageFont.load_default(size=44)
for number, line in enumerate(lines):
    where = (30 + secrets.randbelow(20), 40 + 70 * number)
    ImageDraw.Draw(page).text(where, line, font=font, fill=(30, 30, 40))
page.save(sys.stdout.buffer, "PNG")
`;

/** Shows one person, the same each time; the other tests' shields are another person's. */
export function portrait(): ChosenFile {
  return { name: "portrait.jpg", mimeType: "image/jpeg", buffer: portraitBytes("theirs") };
}

export function notice(): ChosenFile {
  return { name: "notice.png", mimeType: "image/png", buffer: drawn(NOTICE) };
}

/** Shows nobody: patches of colour and grain, large enough to take several requests if asked. */
export function patches(width = 320, height = 240): ChosenFile {
  const buffer = Buffer.from(pngBytes(width, height));
  return { name: "patches.png", mimeType: "image/png", buffer };
}

function drawn(program: string): Buffer {
  const python = fileURLToPath(new URL("../../../functions/venv/bin/python", import.meta.url));
  return execFileSync(python, ["-c", program], { maxBuffer: 2 ** 25 });
}
