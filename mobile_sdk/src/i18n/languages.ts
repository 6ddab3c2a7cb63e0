import type { Language } from "../types/generated/messages.js";

export { languageOf, LANGUAGES } from "./errors.js";

/** Names of the languages in themselves, for a picker. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  es: "Español",
  de: "Deutsch",
  fr: "Français",
  pl: "Polski",
  ar: "العربية",
};

export type Direction = "ltr" | "rtl";

/** Which way it is written. */
export function directionOf(language: Language): Direction {
  return language === "ar" ? "rtl" : "ltr";
}

/** The country in a tag such as `de-AT`, in capitals; null where there is none. */
export function countryOf(tag: string): string | null {
  const parts = tag.split(/[-_]/).slice(1);
  return parts.find((part) => /^[A-Za-z]{2}$/.test(part))?.toUpperCase() ?? null;
}
