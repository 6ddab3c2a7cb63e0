import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { codes } from "../../src/i18n/codes/index.js";
import {
  createWords,
  HELP_LINES,
  helpLinesFor,
  LANGUAGES,
  ownPluralCategory,
} from "../../src/i18n/index.js";
import { messages } from "../../src/i18n/messages/index.js";

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

/** `key.form` and text, for everything that is a text. */
function textsOf(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value ?? {}).flatMap(([key, each]) => textsOf(each, `${path}.${key}`));
}

const SMALL = /\.(zero|one|two)$/;
const FORMS = /\.(zero|one|two|few|many|other)$/;

test.each(LANGUAGES)("%s fills in what English fills in", (language) => {
  const english = new Map(
    textsOf(messages.en).map(([key, text]) => [key, placeholders(text).join()]),
  );
  for (const [key, text] of textsOf(messages[language])) {
    const wanted = english.get(key) ?? english.get(key.replace(FORMS, ".other")) ?? "?";
    const found = placeholders(text);
    // A form for none, one or two may say the number in a word, and has no need of the rest.
    if (SMALL.test(key)) expect(wanted.split(","), key).toEqual(expect.arrayContaining(found));
    else expect(found.join(), `${language}${key}`).toBe(wanted);
  }
});

test.each(LANGUAGES)("%s has every plural form that its grammar has, and no other", (language) => {
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
  for (const section of Object.values(messages[language])) {
    for (const [key, leaf] of Object.entries(section)) {
      if (typeof leaf === "string") continue;
      expect(Object.keys(leaf ?? {}).toSorted(), `${language} ${key}`).toEqual(wanted);
    }
  }
});

test.each(LANGUAGES)("%s leaves no text empty", (language) => {
  for (const [key, text] of [...textsOf(messages[language]), ...textsOf(codes[language])]) {
    expect(text.trim(), `${language}${key}`).not.toBe("");
  }
});

test.each(LANGUAGES.filter((each) => each !== "en"))("%s is translated", (language) => {
  const english = textsOf([messages.en, codes.en]);
  const own = new Map(textsOf([messages[language], codes[language]]));
  const same = english.filter(([key, text]) => text.length > 16 && own.get(key) === text);
  expect(same).toEqual([]);
});

test.each(LANGUAGES)("our own plural rules for %s are Unicode's", (language) => {
  const rules = new Intl.PluralRules(language);
  for (const n of [...Array(1200).keys(), 1_000_000, 2_000_000, 1_000_001]) {
    expect(ownPluralCategory(language, n), String(n)).toBe(rules.select(n));
  }
});

test("Polish and Arabic have their forms", () => {
  const say = (language: "pl" | "ar", count: number) =>
    createWords(language).t("report.hours", { count });
  expect([1, 2, 5, 22, 112].map((n) => say("pl", n))).toEqual([
    "1 godzina",
    "2 godziny",
    "5 godzin",
    "22 godziny",
    "112 godzin",
  ]);
  expect(say("ar", 2)).toBe("ساعتان");
  expect(say("ar", 1)).toBe("ساعة واحدة");
});

test.each(LANGUAGES)("the statement in %s is the letter's, word for word", (language) => {
  const letter = readFileSync(
    new URL(
      `../../../functions/media_integrity/takedowns/letters/${language}.toml`,
      import.meta.url,
    ),
    "utf8",
  );
  const { statementBelief, statementTrue } = messages[language].report;
  expect(letter).toContain(`${statementBelief} ${statementTrue}`);
});

test("nothing that an uploader reads of a decision speaks of a shield", () => {
  const shield = /shield|schild|escudo|bouclier|\btarcz|درع/i;
  for (const language of LANGUAGES) {
    const { reasons, violations, sanctions, refusals, steps } = codes[language];
    const { blocked, progress, consent, appeal } = messages[language];
    const read = [
      reasons,
      violations,
      sanctions,
      refusals,
      steps,
      blocked,
      progress,
      consent,
      appeal,
    ];
    for (const [key, text] of textsOf(read)) expect(text, `${language}${key}`).not.toMatch(shield);
  }
});

test("an app's own words go over ours", () => {
  const words = createWords("de", { appeal: { heading: "Beschwerde" } });
  expect(words.t("appeal.heading")).toBe("Beschwerde");
  expect(words.t("appeal.send")).toBe(messages.de.appeal.send);
});

test("without Intl, dates and numbers are still to be read", () => {
  const intl = globalThis.Intl;
  try {
    Reflect.deleteProperty(globalThis, "Intl");
    const words = createWords("pl");
    expect(words.number(1234.56)).toBe("1234.6");
    expect(words.date(new Date(2026, 2, 4))).toBe("2026-03-04");
    expect(words.percent(0.5)).toBe("50 %");
    expect(words.t("report.hours", { count: 5 })).toBe("5 godzin");
  } finally {
    Object.assign(globalThis, { Intl: intl });
  }
});

test("help lines of the country come first, and nobody is left without any", () => {
  expect(helpLinesFor("de")[0]?.id).toBe("de-hilfetelefon");
  expect(helpLinesFor(null).map(({ id }) => id)).toContain("stopncii");
  for (const line of HELP_LINES) expect(line.url).toMatch(/^https:\/\//);
});
