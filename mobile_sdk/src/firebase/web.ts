import { getToken, type AppCheck } from "firebase/app-check";
import type { FirebaseApp } from "firebase/app";
import { connectAuthEmulator, getAuth, onAuthStateChanged, type Auth } from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  getFirestore,
  limit,
  onSnapshot,
  orderBy,
  query,
  runTransaction,
  serverTimestamp,
  where,
  type Firestore,
  type Transaction,
} from "firebase/firestore";
import {
  connectFunctionsEmulator,
  getFunctions,
  httpsCallable,
  type Functions,
} from "firebase/functions";

import { fromFirebase, MediaIntegrityError } from "../client/errors.js";
import { SERVER_TIME, type FirebasePort, type PortQuery } from "../types/port.js";
import { writtenFields, type Plain } from "./fields.js";
import { createNews, documentListener, queryListener } from "./news.js";
import { within } from "./time.js";

/** What {@link webFirebase} takes. */
export interface WebFirebaseOptions {
  /** From `initializeApp`; its options name `projectId` and `storageBucket`. */
  readonly app: FirebaseApp;
  /** Where the functions run. Default `us-central1`. */
  readonly region?: string;
  /** From `initializeAppCheck`. Without it no token is sent with uploads. */
  readonly appCheck?: AppCheck;
  /** Ports on which emulators listen; left out where the real Firebase is used. */
  readonly emulators?: EmulatorPorts;
}

/** Ports of the Firebase emulators. */
export interface EmulatorPorts {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  readonly auth: number;
  readonly firestore: number;
  readonly functions: number;
  readonly storage: number;
}

const DEFAULT_REGION = "us-central1";
const STORAGE_ORIGIN = "https://firebasestorage.googleapis.com";
/** A write is refused or done within moments, or there is no connection. */
const WRITE_TIMEOUT_MS = 30_000;

/** Who asked decides whether it is tried again. */
const ONCE = { maxAttempts: 1 } as const;

/** An app is connected to emulators once: a second time is an error to the SDK. */
const connected = new WeakSet<FirebaseApp>();

/**
 * The Firebase JS SDK, for browsers and for React Native without native modules.
 *
 * Throws {@link MediaIntegrityError} with `invalid` where the app's options name no project or bucket.
 */
export function webFirebase(options: WebFirebaseOptions): FirebasePort {
  const { app, appCheck, emulators } = options;
  const { projectId, storageBucket } = app.options;
  if (projectId === undefined || storageBucket === undefined) {
    throw new MediaIntegrityError("invalid", { reason: "firebase_options" });
  }
  const auth = getAuth(app);
  const firestore = getFirestore(app);
  const functions = getFunctions(app, options.region ?? DEFAULT_REGION);
  if (emulators !== undefined) connect(app, auth, firestore, functions, emulators);

  const newsFor = createNews({ outlivesApp: false });
  const asWritten = (fields: Plain) => writtenFields(fields, SERVER_TIME, serverTimestamp());
  // In transactions: other writes wait in the SDK for a connection, unseen, for as long as it
  // takes, and would be sent beside what the client's own queue sends.
  const written = (write: (transaction: Transaction) => unknown) =>
    ours(() =>
      within(
        WRITE_TIMEOUT_MS,
        runTransaction(firestore, async (transaction) => void write(transaction), ONCE),
      ),
    );

  return {
    projectId,
    bucket: storageBucket,
    storageOrigin:
      emulators === undefined
        ? STORAGE_ORIGIN
        : `http://${emulators.host ?? "127.0.0.1"}:${emulators.storage}`,

    userId: () => auth.currentUser?.uid ?? null,

    onUser: (listener) => onAuthStateChanged(auth, (user) => listener(user?.uid ?? null)),

    async idToken({ fresh = false } = {}) {
      return ours(async () => {
        await auth.authStateReady();
        return (await auth.currentUser?.getIdToken(fresh)) ?? null;
      });
    },

    async appCheckToken({ fresh = false } = {}) {
      if (appCheck === undefined) return null;
      try {
        return (await getToken(appCheck, fresh)).token;
      } catch {
        return null; // as the SDK's own services do: whether it is needed, the server says
      }
    },

    async call(name, data, { timeoutMs }) {
      return ours(async () => {
        const called = httpsCallable<unknown, unknown>(functions, name, { timeout: timeoutMs });
        return (await called(data)).data;
      });
    },

    watchDocument: (path, listener, onError) =>
      onSnapshot(
        doc(firestore, path),
        { includeMetadataChanges: true },
        documentListener(newsFor(auth.currentUser?.uid ?? null), listener),
        (error) => onError(fromFirebase(error, isOnline())),
      ),

    watchQuery: (asked, listener, onError) =>
      onSnapshot(
        queryOf(firestore, asked),
        { includeMetadataChanges: true },
        queryListener(newsFor(auth.currentUser?.uid ?? null), listener),
        (error) => onError(fromFirebase(error, isOnline())),
      ),

    createDocument: (path, fields) =>
      written((transaction) => transaction.set(doc(firestore, path), asWritten(fields))),

    updateDocument: (path, fields) =>
      written((transaction) => transaction.update(doc(firestore, path), asWritten(fields))),
  };
}

function connect(
  app: FirebaseApp,
  auth: Auth,
  firestore: Firestore,
  functions: Functions,
  { host = "127.0.0.1", ...ports }: EmulatorPorts,
): void {
  if (connected.has(app)) return;
  connected.add(app);
  connectAuthEmulator(auth, `http://${host}:${ports.auth}`, { disableWarnings: true });
  connectFirestoreEmulator(firestore, host, ports.firestore);
  connectFunctionsEmulator(functions, host, ports.functions);
}

function queryOf(firestore: Firestore, asked: PortQuery) {
  return query(
    collection(firestore, asked.collection),
    ...asked.where.map(([field, operator, value]) => where(field, operator, value)),
    ...(asked.orderBy === undefined ? [] : [orderBy(...asked.orderBy)]),
    limit(asked.limit),
  );
}

async function ours<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromFirebase(error, isOnline());
  }
}

/** Undefined where the system does not say. */
function isOnline(): boolean | undefined {
  return typeof navigator === "undefined" ? undefined : navigator.onLine;
}
