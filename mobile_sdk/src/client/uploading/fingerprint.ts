import { createSha256 } from "../../hashing/sha256.js";
import type { OpenFile } from "../../types/port.js";

const ENDS = 64 * 1024;

/** By which a file is known again: 64 hexadecimal digits of its size, beginning and end. */
export async function fingerprintOf(file: OpenFile): Promise<string> {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(`${file.size}\n`));
  hash.update(await bytesOf(file, 0, Math.min(ENDS, file.size)));
  hash.update(await bytesOf(file, Math.max(0, file.size - ENDS), file.size));
  return hash.hex();
}

async function bytesOf(file: OpenFile, start: number, end: number): Promise<Uint8Array> {
  const piece = await file.read(start, end);
  return piece instanceof Uint8Array ? piece : new Uint8Array(await piece.arrayBuffer());
}
