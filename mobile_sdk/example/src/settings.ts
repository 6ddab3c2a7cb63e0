import { LANGUAGES, languageOf } from "media-integrity-sdk/components";
import type { KeyValueStore, Language } from "media-integrity-sdk";
import { isRecord } from "./config";

/** What the user has chosen on this device. */
export interface Settings {
  readonly language: Language;
  /** `system`: as the phone. */
  readonly mode: "system" | "light" | "dark";
  /** Whether this device may be known again by a salted hash. */
  readonly deviceConsent: boolean;
}

const KEY = "media-integrity-example/settings";

/** `tag` is the system's language, for somebody who has chosen none. */
export async function loadSettings(store: KeyValueStore, tag: string): Promise<Settings> {
  const text = await store.getItem(KEY);
  const stored: unknown = text === null ? null : JSON.parse(text);
  const found = isRecord(stored) ? stored : {};
  return {
    language: LANGUAGES.find((each) => each === found["language"]) ?? languageOf(tag),
    mode: found["mode"] === "light" || found["mode"] === "dark" ? found["mode"] : "system",
    deviceConsent: found["deviceConsent"] === true,
  };
}

export async function saveSettings(store: KeyValueStore, settings: Settings): Promise<void> {
  await store.setItem(KEY, JSON.stringify(settings));
}
