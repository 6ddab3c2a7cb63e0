import type { Language } from "../../types/generated/messages.js";
import { en } from "./en.js";
import type { Codes } from "./types.js";
export const codes: Readonly<Record<Language, Codes>> = { en, es: en, de: en, fr: en, pl: en, ar: en };
