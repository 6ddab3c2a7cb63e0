import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";

import { errorMessage, LANGUAGES } from "../../src/i18n/errors.js";
import { loadReasons } from "../../src/i18n/reasons/index.js";

const source = (path: string) =>
  readFileSync(new URL(`../../../functions/media_integrity/${path}`, import.meta.url), "utf8");

/** What is raised with a code written out. */
const raisedIn = (path: string) =>
  [...source(path).matchAll(/code="([a-z_]+)"/g)].map(([, code]) => code ?? "");

/** The values of an enumeration whose members are raised by their value. */
const valuesOf = (path: string, name: string) => {
  const body =
    source(path)
      .split(`class ${name}(StrEnum):`)[1]
      ?.split(/\n(?=\S)/)[0] ?? "";
  return [...body.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"/gm)].map(([, value]) => value ?? "");
};

const REFERENCES = raisedIn("shields/references.py");
const SHIELDS = raisedIn("shields/service.py");
const FACES = valuesOf("signals/identity/embedding.py", "Unusable");
const VOICES = valuesOf("signals/voice/speaker.py", "Refusal");
const FILES = valuesOf("media/errors.py", "RefusalCode");
/** The client's own. */
const LOCAL = [
  ...["file_type", "file_size", "file_empty", "file_unreadable", "would_be_held"],
  ...["reference_size", "evidence_type", "evidence_size", "invalid_pixels", "unreadable"],
  ...["somebody_asked", "by_link"],
  ...["appeal_exists", "appeal_queued", "appeal_too_late", "appeals_closed", "not_appealable"],
];

beforeAll(async () => {
  await Promise.all(LANGUAGES.map(loadReasons));
});

test("the backend's reasons are found where they are looked for", () => {
  expect(REFERENCES).toContain("not_good_enough");
  expect(SHIELDS).toContain("disputed");
  expect(FACES).toContain("turned_away");
  expect(VOICES).toContain("clipped");
  expect(FILES).toContain("damaged");
});

test.each([...new Set([...REFERENCES, ...SHIELDS, ...FACES, ...VOICES, ...FILES, ...LOCAL])])(
  "%s has words in every language, and each is another one's",
  (reason) => {
    const plain = LANGUAGES.map((language) => errorMessage(language, "invalid"));
    const texts = LANGUAGES.map((language) => errorMessage(language, "invalid", { reason }));
    for (const [at, text] of texts.entries()) {
      expect(text).not.toBe(plain[at]);
      expect(text).toMatch(/\p{Letter}{2,}.*\.$/u);
    }
    expect(new Set(texts).size).toBe(LANGUAGES.length);
  },
);

test.each(LANGUAGES)("without a connection nothing is promised in %s", (language) => {
  const other = { en: /goes on/, es: /Seguirá/, de: /geht weiter/, fr: /reprendra/ };
  const promise = language in other ? other[language as keyof typeof other] : /nastąpi|سيُستأنف/;
  expect(errorMessage(language, "offline")).not.toMatch(promise);
});
