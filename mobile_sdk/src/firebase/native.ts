import { getApp, type FirebaseApp } from "@react-native-firebase/app";
import { getAuth, getIdToken, onAuthStateChanged } from "@react-native-firebase/auth";
import {
  collection,
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
} from "@react-native-firebase/firestore";
import { getFunctions, httpsCallable } from "@react-native-firebase/functions";

import { fromFirebase, MediaIntegrityError } from "../client/errors.js";
import { SERVER_TIME, type FirebasePort, type PortQuery } from "../types/port.js";
import { writtenFields, type Plain } from "./fields.js";
import { createNews, documentListener, queryListener } from "./news.js";
import { within } from "./time.js";

/** What {@link nativeFirebase} takes. */
export interface NativeFirebaseOptions {
  /** Default: the app of `google-services.json` and `GoogleService-Info.plist`. */
  readonly app?: FirebaseApp;
  /** Where the functions run. Default `us-central1`. */
  readonly region?: string;
  /**
   * Gives the token of App Check, with `getToken` of `@react-native-firebase/app-check`:
   * `async (fresh) => (await getToken(appCheck, fresh)).token`. Without it no token is sent with
   * uploads.
   */
  readonly appCheckToken?: (fresh: boolean) => Promise<string>;
  /**
   * Where the Storage emulator listens, such as `http://10.0.2.2:9199`. The app connects the other
   * emulators itself, before this is called.
   */
  readonly storageOrigin?: string;
}

const DEFAULT_REGION = "us-central1";
const STORAGE_ORIGIN = "https://firebasestorage.googleapis.com";
/** A write is refused or done within moments, or there is no connection. */
const WRITE_TIMEOUT_MS = 30_000;
/** Who asked decides whether it is tried again. */
const ONCE = { maxAttempts: 1 } as const;

/**
 * react-native-firebase, with its native modules for Auth, Firestore and Functions. Its module for
 * Storage is not needed.
 *
 * Throws {@link MediaIntegrityError} with `invalid` where the app's options name no project or bucket.
 */
export function nativeFirebase(options: NativeFirebaseOptions = {}): FirebasePort {
  const app = options.app ?? getApp();
  const { projectId, storageBucket } = app.options;
  if (!projectId || !storageBucket) {
    throw new MediaIntegrityError("invalid", { reason: "firebase_options" });
  }
  const auth = getAuth(app);
  const firestore = getFirestore(app);
  const functions = getFunctions(app, options.region ?? DEFAULT_REGION);

  // Unless the app says otherwise, its cache is on the disk.
  const newsFor = createNews({ outlivesApp: true });
  const asWritten = (fields: Plain) => writtenFields(fields, SERVER_TIME, serverTimestamp());
  // In transactions, see `web.ts`.
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
    storageOrigin: options.storageOrigin ?? STORAGE_ORIGIN,

    userId: () => auth.currentUser?.uid ?? null,

    onUser: (listener) => onAuthStateChanged(auth, (user) => listener(user?.uid ?? null)),

    idToken: ({ fresh = false } = {}) =>
      ours(async () => {
        await auth.authStateReady();
        return auth.currentUser === null ? null : getIdToken(auth.currentUser, fresh);
      }),

    appCheckToken: async ({ fresh = false } = {}) => {
      try {
        return (await options.appCheckToken?.(fresh)) ?? null;
      } catch {
        return null; // as Firebase's own services do: whether it is needed, the server says
      }
    },

    call: (name, data, { timeoutMs }) =>
      ours(async () => {
        const called = httpsCallable<unknown, unknown>(functions, name, { timeout: timeoutMs });
        return (await called(data)).data;
      }),

    watchDocument: (path, listener, onError) =>
      onSnapshot(
        doc(firestore, path),
        { includeMetadataChanges: true },
        documentListener(newsFor(auth.currentUser?.uid ?? null), listener),
        (error) => onError(fromFirebase(error, undefined)),
      ),

    watchQuery: (asked, listener, onError) =>
      onSnapshot(
        queryOf(firestore, asked),
        { includeMetadataChanges: true },
        queryListener(newsFor(auth.currentUser?.uid ?? null), listener),
        (error) => onError(fromFirebase(error, undefined)),
      ),

    createDocument: (path, fields) =>
      written((transaction) => transaction.set(doc(firestore, path), asWritten(fields))),

    updateDocument: (path, fields) =>
      written((transaction) => transaction.update(doc(firestore, path), asWritten(fields))),
  };
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
    throw fromFirebase(error, undefined);
  }
}
