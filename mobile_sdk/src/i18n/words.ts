import type { Language } from "../types/generated/messages.js";
import type { Codes } from "./codes/types.js";
import { codes } from "./codes/index.js";
import {
  formatBytes,
  formatDate,
  formatDateTime,
  formatNumber,
  formatPercent,
  formatTime,
} from "./format.js";
import { directionOf, type Direction } from "./languages.js";
import { messages } from "./messages/index.js";
import type { Arguments, MessageKey, Messages, PluralForms, Section } from "./messages/types.js";
import { pluralCategory } from "./plural.js";

/** Some of the words, in place of ours. */
export type MessageOverrides = {
  readonly [S in Section]?: Partial<Messages[S]>;
};

/** Everything that a screen says, in one language. */
export interface Words {
  readonly language: Language;
  readonly direction: Direction;
  /**
   * The words of `key`, filled in. What has to be filled in the compiler knows; numbers are
   * written as the language does, and `count` chooses the plural.
   */
  readonly t: <K extends MessageKey>(key: K, ...values: Arguments<K>) => string;
  readonly codes: Codes;
  readonly number: (value: number) => string;
  /** `share` from 0 to 1. */
  readonly percent: (share: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly date: (date: Date) => string;
  readonly dateTime: (date: Date) => string;
  readonly time: (date: Date) => string;
}

/** The words in `language`, with some of them replaced by the app's own. */
export function createWords(language: Language, overrides: MessageOverrides = {}): Words {
  const leaves = leavesOf(messages[language]);
  for (const [key, leaf] of leavesOf(overrides)) leaves.set(key, leaf);
  const direction = directionOf(language);

  const write = (value: string | number) => {
    if (typeof value === "number") return formatNumber(language, value);
    return direction === "rtl" ? isolated(value) : value;
  };

  return {
    language,
    direction,
    t: (key, ...[values]) => fill(formOf(leaves, language, key, values), values ?? {}, write),
    codes: codes[language],
    number: (value) => formatNumber(language, value),
    percent: (share) => formatPercent(language, share),
    bytes: (bytes) => formatBytes(language, bytes),
    date: (date) => formatDate(language, date),
    dateTime: (date) => formatDateTime(language, date),
    time: (date) => formatTime(language, date),
  };
}

type Leaf = string | PluralForms;

function leavesOf(source: MessageOverrides): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [section, words] of Object.entries(source)) {
    const entries: [string, Leaf][] = Object.entries(words);
    for (const [name, leaf] of entries) leaves.set(`${section}.${name}`, leaf);
  }
  return leaves;
}

function formOf(
  leaves: ReadonlyMap<string, Leaf>,
  language: Language,
  key: string,
  values: Readonly<Record<string, string | number>> | undefined,
): string {
  const leaf = leaves.get(key) ?? key;
  if (typeof leaf === "string") return leaf;
  const count = values?.["count"];
  const category = typeof count === "number" ? pluralCategory(language, count) : "other";
  return leaf[category] ?? leaf.other;
}

function fill(
  text: string,
  values: Readonly<Record<string, string | number>>,
  write: (value: string | number) => string,
): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : write(value);
  });
}

/** Keeps what is written from left to right in order inside what is written from right to left. */
function isolated(value: string): string {
  return `\u2068${value}\u2069`;
}
