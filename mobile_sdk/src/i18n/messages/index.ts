import type { Language } from "../../types/generated/messages.js";
import { en } from "./en.js";
import type { Messages } from "./types.js";
export const messages: Readonly<Record<Language, Messages>> = { en, es: en, de: en, fr: en, pl: en, ar: en };
