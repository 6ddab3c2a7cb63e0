const BYTES = 16;
const HEX = 16;

/** 128 random bits as 32 hex digits: an id that is taken once, no secret. */
export function randomId(): string {
  return Array.from(randomBytes(), (byte) => byte.toString(HEX).padStart(2, "0")).join("");
}

/** Some phones' JavaScript has no `crypto`. */
function randomBytes(): Iterable<number> {
  const source: Pick<Crypto, "getRandomValues"> | undefined = globalThis.crypto;
  if (source !== undefined) return source.getRandomValues(new Uint8Array(BYTES));
  return Array.from({ length: BYTES }, () => Math.floor(Math.random() * 256));
}
