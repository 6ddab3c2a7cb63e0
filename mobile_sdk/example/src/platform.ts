import { browserPicker, type PickFiles } from "media-integrity-sdk/components";
import type { ClientOptions, KeyValueStore, MediaSource } from "media-integrity-sdk";

/** What differs between the browser and a phone. `platform.native.ts` is the phone's. */
export interface Platform {
  readonly configUrl: string;
  /** The system's language, such as `de-AT`. */
  readonly language: string;
  readonly settings: KeyValueStore;
  readonly clientOptions: ClientOptions;
  /** Where somebody opens a link with this route. */
  linkTo(path: string): string;
  /** Media to upload; null where the user chose none. */
  pickMedia(): Promise<MediaSource | null>;
  /** For the SDK's screens. */
  readonly pickFiles: PickFiles;
  /** Tells the system the page's language, for screen readers. */
  announce(language: string, direction: "ltr" | "rtl"): void;
}

const stored: KeyValueStore = {
  getItem: async (key) => window.localStorage.getItem(key),
  setItem: async (key, value) => window.localStorage.setItem(key, value),
  removeItem: async (key) => window.localStorage.removeItem(key),
};

export const platform: Platform = {
  configUrl: "/config.json",
  language: navigator.language,
  settings: stored,
  clientOptions: { store: stored, deviceId: installationId },
  linkTo: (path) => new URL(path, window.location.href).href,
  pickMedia: () =>
    new Promise((resolve) => {
      const input = document.createElement("input");
      input.type = "file";
      input.accept = "image/*,video/*,audio/*";
      input.addEventListener("change", () => resolve(input.files?.[0] ?? null));
      input.addEventListener("cancel", () => resolve(null));
      input.click();
    }),
  pickFiles: browserPicker,
  announce(language, direction) {
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
  },
};

async function installationId(): Promise<string> {
  const key = "media-integrity-example/installation";
  const known = await stored.getItem(key);
  if (known !== null) return known;
  const made = crypto.randomUUID();
  await stored.setItem(key, made);
  return made;
}
