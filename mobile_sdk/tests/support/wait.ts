/** Waits for what must come about, for as long as a busy machine may take. */

/** Functions of the emulators start slowly, and a verdict takes seconds. */
export const PATIENCE_MS = 120_000;

/** The first value other than undefined, null or false. Rejects after the time, saying what for. */
export async function until<T>(
  check: () => T | Promise<T>,
  what: string,
  withinMs = PATIENCE_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (isThere(found)) return found;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}
