import type { Language } from "../types/generated/messages.js";

export type PluralCategory = "zero" | "one" | "two" | "few" | "many" | "other";

/** The categories of each language, as Unicode's CLDR has them. */
export interface Categories {
  readonly en: "one" | "other";
  readonly de: "one" | "other";
  readonly es: "one" | "many" | "other";
  readonly fr: "one" | "many" | "other";
  readonly pl: "one" | "few" | "many" | "other";
  readonly ar: PluralCategory;
}

/** Which form a number takes. By `Intl.PluralRules`; by our own rules where Hermes lacks that. */
export function pluralCategory(language: Language, count: number): PluralCategory {
  if (typeof Intl !== "undefined" && typeof Intl.PluralRules === "function") {
    return rulesOf(language).select(count);
  }
  return ownPluralCategory(language, count);
}

/** The rules of CLDR 46 for our languages, whole numbers from 0; fractions are `other`. */
export function ownPluralCategory(language: Language, count: number): PluralCategory {
  const n = Math.abs(count);
  if (!Number.isInteger(n)) return language === "fr" && n < 2 ? "one" : "other";
  switch (language) {
    case "en":
    case "de":
      return n === 1 ? "one" : "other";
    case "es":
      return n === 1 ? "one" : isMillions(n) ? "many" : "other";
    case "fr":
      return n < 2 ? "one" : isMillions(n) ? "many" : "other";
    case "pl":
      return polish(n);
    case "ar":
      return arabic(n);
  }
}

function isMillions(n: number): boolean {
  return n !== 0 && n % 1_000_000 === 0;
}

function polish(n: number): PluralCategory {
  if (n === 1) return "one";
  const [ones, tens] = [n % 10, n % 100];
  return ones >= 2 && ones <= 4 && !(tens >= 12 && tens <= 14) ? "few" : "many";
}

function arabic(n: number): PluralCategory {
  if (n === 0) return "zero";
  if (n === 1) return "one";
  if (n === 2) return "two";
  const hundreds = n % 100;
  if (hundreds >= 3 && hundreds <= 10) return "few";
  return hundreds >= 11 ? "many" : "other";
}

const made = new Map<Language, Intl.PluralRules>();

function rulesOf(language: Language): Intl.PluralRules {
  const known = made.get(language) ?? new Intl.PluralRules(language);
  made.set(language, known);
  return known;
}
