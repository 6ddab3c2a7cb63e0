const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Three bytes are four letters; a text is put together of pieces that no engine chokes on. */
const PIECE_BYTES = 3 * 8192;

/** Bytes as base64. Not every phone's JavaScript has `btoa`, and none takes megabytes at once. */
export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    pieces.push(piece(bytes.subarray(start, start + PIECE_BYTES)));
  }
  return pieces.join("");
}

function piece(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text +=
      letter(bits >> 18) +
      letter(bits >> 12) +
      (left > 1 ? letter(bits >> 6) : "=") +
      (left > 2 ? letter(bits) : "=");
  }
  return text;
}

const letter = (bits: number): string => LETTERS.charAt(bits & 63);
