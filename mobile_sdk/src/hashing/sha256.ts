import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 of bytes that arrive in pieces, so that a large file need not be held whole. */
export interface Sha256 {
  /** Adds the next piece; throws after `hex`. */
  readonly update: (piece: Uint8Array) => void;
  /** 64 hexadecimal digits, lower case. To be called once. */
  readonly hex: () => string;
}

/** Starts a SHA-256. */
export function createSha256(): Sha256 {
  const hash = sha256.create();
  return {
    update: (piece) => {
      hash.update(piece);
    },
    hex: () => bytesToHex(hash.digest()),
  };
}

/** SHA-256 of bytes, or of a text as UTF-8: 64 hexadecimal digits, lower case. */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(sha256(typeof data === "string" ? new TextEncoder().encode(data) : data));
}
