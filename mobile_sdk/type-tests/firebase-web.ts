import type { FirebaseApp } from "firebase/app";
import { createMediaIntegrityClient, webStore } from "media-integrity-sdk/client";
import { webFirebase } from "media-integrity-sdk/firebase/web";

declare const app: FirebaseApp;

export const client = createMediaIntegrityClient({
  firebase: webFirebase({ app, region: "europe-west1" }),
  options: { store: webStore() },
});

// @ts-expect-error emulators have ports
webFirebase({ app, emulators: {} });
