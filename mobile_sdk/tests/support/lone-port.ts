/** A port without a backend behind it, for what only a late or odd answer brings about. */

import type { FirebasePort } from "../../src/types/port.js";

/** Somebody is signed in. Functions answer as the test says; no document is ever told. */
export function lonePort(call: FirebasePort["call"]): FirebasePort {
  const refused = async (): Promise<never> => {
    throw new Error("there is no backend");
  };
  return {
    projectId: "project",
    bucket: "bucket",
    storageOrigin: "http://127.0.0.1:9", // where nothing listens
    userId: () => "somebody",
    onUser: (listener) => {
      listener("somebody");
      return () => undefined;
    },
    idToken: async () => "token",
    appCheckToken: async () => null,
    call,
    watchDocument: () => () => undefined,
    watchQuery: () => () => undefined,
    createDocument: refused,
    updateDocument: refused,
  };
}
