import type { Language } from "../../types/generated/messages.js";
import { ar } from "./ar.js";
import { de } from "./de.js";
import { en } from "./en.js";
import { es } from "./es.js";
import { fr } from "./fr.js";
import { pl } from "./pl.js";
import type { Messages } from "./types.js";

export const messages: Readonly<Record<Language, Messages>> = { en, es, de, fr, pl, ar };
