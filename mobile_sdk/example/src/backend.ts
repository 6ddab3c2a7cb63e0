import { initializeApp } from "firebase/app";
import { getAuth, type Auth } from "firebase/auth";
import { createMediaIntegrityClient } from "media-integrity-sdk/client";
import type { MediaIntegrityClient } from "media-integrity-sdk";
import { webFirebase } from "media-integrity-sdk/firebase/web";
import type { AppConfig } from "./config";
import { platform } from "./platform";
import type { Settings } from "./settings";

/** The app's Firebase and its client, made once, outside of React. */
export interface Backend {
  readonly auth: Auth;
  client(): MediaIntegrityClient;
  /** A client is made for one language and one answer about the device: others, another client. */
  apply(settings: Settings): void;
  onClient(listener: () => void): () => void;
  /** A published picture as a `data:` address; null where it is gone, or not for this person. */
  load(path: string): Promise<string | null>;
}

export function connect(config: AppConfig, first: Settings): Backend {
  const app = initializeApp({
    projectId: config.projectId,
    storageBucket: config.bucket,
    // The emulators ask for a key and take any.
    apiKey: "local",
  });
  const firebase = webFirebase({ app, emulators: config.emulators });
  const make = ({ language, deviceConsent }: Settings) =>
    createMediaIntegrityClient({
      firebase,
      options: { ...platform.clientOptions, language, deviceConsent },
    });

  let client = make(first);
  let made = first;
  const listeners = new Set<() => void>();
  return {
    auth: getAuth(app),
    client: () => client,
    apply(settings) {
      const same =
        settings.language === made.language && settings.deviceConsent === made.deviceConsent;
      if (same) return;
      client.close();
      made = settings;
      client = make(settings);
      for (const listener of listeners) listener();
    },
    onClient(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async load(path) {
      const token = await firebase.idToken();
      const object = `v0/b/${firebase.bucket}/o/${encodeURIComponent(path)}?alt=media`;
      const response = await fetch(`${firebase.storageOrigin}/${object}`, {
        headers: token === null ? {} : { Authorization: `Firebase ${token}` },
      });
      const blob = response.ok ? await response.blob() : null;
      // The example shows pictures; films and recordings need a player.
      return blob !== null && blob.type.startsWith("image/") ? dataUri(blob) : null;
    },
  };
}

function dataUri(blob: Blob): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(typeof reader.result === "string" ? reader.result : null);
    reader.readAsDataURL(blob);
  });
}
