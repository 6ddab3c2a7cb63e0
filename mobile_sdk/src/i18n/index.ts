export { formatBytes, formatDate, formatDateTime, formatNumber, formatPercent } from "./format.js";
export { HELP_LINES, helpLinesFor, type HelpKind, type HelpLine } from "./help-lines.js";
export {
  countryOf,
  directionOf,
  LANGUAGE_NAMES,
  languageOf,
  LANGUAGES,
  type Direction,
} from "./languages.js";
export type { Codes, Named } from "./codes/types.js";
export type { MessageKey, Messages, MessagesIn } from "./messages/types.js";
export { ownPluralCategory, pluralCategory, type PluralCategory } from "./plural.js";
export { createWords, type MessageOverrides, type Words } from "./words.js";
