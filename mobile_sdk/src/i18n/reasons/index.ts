/**
 * Words of failures' finer reasons, one language at a time: six would double what an app loads at
 * its start. Until they are there a failure is told in the words of its code.
 */

import type { Language } from "../../types/generated/messages.js";
import type { Reasons } from "./types.js";

const loaders: Readonly<Record<Language, () => Promise<Reasons>>> = {
  en: async () => (await import("./en.js")).en,
  es: async () => (await import("./es.js")).es,
  de: async () => (await import("./de.js")).de,
  fr: async () => (await import("./fr.js")).fr,
  pl: async () => (await import("./pl.js")).pl,
  ar: async () => (await import("./ar.js")).ar,
};

const loaded = new Map<Language, Reasons>();

/** Fetches them; without a connection the words of the codes have to do. Never rejects. */
export async function loadReasons(language: Language): Promise<void> {
  if (loaded.has(language)) return;
  try {
    loaded.set(language, await loaders[language]());
  } catch {
    // The next client tries again.
  }
}

/** Those that are there by now. */
export function reasonsIn(language: Language): Partial<Reasons> {
  return loaded.get(language) ?? {};
}
