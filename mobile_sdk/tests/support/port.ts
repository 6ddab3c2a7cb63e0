/** Real Firebase JS SDK apps, connected to the emulators. */

import { deleteApp, initializeApp } from "firebase/app";
import { getAuth, signInWithEmailAndPassword, signOut } from "firebase/auth";
import { disableNetwork, enableNetwork, getFirestore } from "firebase/firestore";

import { webFirebase } from "../../src/firebase/web.js";
import type { FirebasePort } from "../../src/types/port.js";
import type { Person } from "./people.js";
import { HOST, stack, type Stack } from "./stack.js";

/** One person's app on one device. */
export interface TestApp {
  readonly port: FirebasePort;
  /** Signs in another person, or the same with claims that changed. */
  readonly signIn: (person: Person) => Promise<void>;
  readonly signOut: () => Promise<void>;
  /** Firestore's connection alone. */
  readonly setFirestoreOnline: (online: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

let made = 0;

/**
 * A Firebase app with somebody signed in, or nobody.
 *
 * `ports`: in place of the stack's, for a proxy in between. Close it at the end of the test.
 */
export async function webApp(
  person: Person | null,
  ports: Partial<Stack["ports"]> = {},
): Promise<TestApp> {
  const { project, bucket, ports: own } = stack();
  const app = initializeApp(
    { projectId: project, storageBucket: bucket, apiKey: "emulator", appId: "1:1:web:1" },
    `test-${made++}`,
  );
  const port = webFirebase({ app, emulators: { host: HOST, ...own, ...ports } });
  const signIn = async ({ email, password }: Person): Promise<void> => {
    await signInWithEmailAndPassword(getAuth(app), email, password);
  };
  let closed: Promise<void> | undefined;
  if (person !== null) await signIn(person);
  return {
    port,
    signIn,
    signOut: () => signOut(getAuth(app)),
    setFirestoreOnline: (online) => (online ? enableNetwork : disableNetwork)(getFirestore(app)),
    close: () => (closed ??= deleteApp(app)),
  };
}
