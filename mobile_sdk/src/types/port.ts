/**
 * What the client needs of Firebase, and nothing more: the boundary behind which
 * `firebase/web` and `firebase/native` stand. An app never writes one of these.
 */

export type Unsubscribe = () => void;

/** A document as read: timestamps are `Date`, bytes `Uint8Array`. */
export interface StoredDocument {
  readonly id: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PortQuery {
  readonly collection: string;
  readonly where: readonly (readonly [field: string, operator: "==" | "in", value: unknown])[];
  readonly orderBy?: readonly [field: string, direction: "asc" | "desc"];
  /** 1 to 100. */
  readonly limit: number;
}

/** Stands for the server's time in fields that are written. */
export const SERVER_TIME: unique symbol = Symbol("the server's time");

export interface FirebasePort {
  readonly projectId: string;
  readonly bucket: string;
  /** Origin of Cloud Storage for Firebase's REST interface; the emulator's where one is used. */
  readonly storageOrigin: string;

  userId(): string | null;
  /** Tells the present state first, soon, then every change. */
  onUser(listener: (userId: string | null) => void): Unsubscribe;
  /** Null where nobody is signed in. */
  idToken(options?: { readonly fresh?: boolean }): Promise<string | null>;
  /** Null where App Check is not set up. */
  appCheckToken(options?: { readonly fresh?: boolean }): Promise<string | null>;

  /** Calls a function. Rejects with MediaIntegrityError. */
  call(name: string, data: unknown, options: { readonly timeoutMs: number }): Promise<unknown>;

  /** Listeners get null while there is no such document. Errors end the watch. */
  watchDocument(
    path: string,
    listener: (document: StoredDocument | null) => void,
    onError: (error: Error) => void,
  ): Unsubscribe;
  watchQuery(
    query: PortQuery,
    listener: (documents: readonly StoredDocument[]) => void,
    onError: (error: Error) => void,
  ): Unsubscribe;
  /** Rejects where the document is there already. */
  createDocument(path: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  updateDocument(path: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Where the client keeps what has to survive a restart. AsyncStorage is one; so is localStorage. */
export interface KeyValueStore {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** A file that is read piece by piece. */
export interface OpenFile {
  readonly size: number;
  /** As the system says it, such as `image/jpeg`; empty where it does not know. */
  readonly type: string;
  /** The name for people, without a path. */
  readonly name: string;
  /** Bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Blob | Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** Opens what a `MediaSource` names. `web` and `expo` ones are ready. */
export interface FileOpener {
  open(source: MediaSource): Promise<OpenFile>;
  /** A word by which the same file is found after a restart; null where that cannot be. */
  bookmark(source: MediaSource): Promise<string | null>;
  reopen(bookmark: string): Promise<OpenFile | null>;
  /** The bookmark is not needed any more. */
  forget?(bookmark: string): Promise<void>;
  /** Deletes copies that bookmarks made before then, whosever they are. Asked at the app's start. */
  forgetOlder?(before: Date): Promise<void>;
}

/** Media to upload: a file's URI (React Native), or a Blob or File (browser). */
export type MediaSource =
  | {
      readonly uri: string;
      readonly name?: string;
      readonly type?: string;
    }
  | Blob;

/**
 * Opens a picture on the device for hashing: its pixels, turned as it is shown. The browser's is
 * built in; `hashing/expo` has one for phones.
 */
export type PictureDecoder = (source: Blob | Uint8Array | { readonly uri: string }) => Promise<{
  /** Red, green, blue, alpha of each pixel, row by row. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}>;

/** Tells whether there is a connection, so that queued actions go on. */
export interface Connectivity {
  online(): boolean;
  onChange(listener: (online: boolean) => void): Unsubscribe;
}
