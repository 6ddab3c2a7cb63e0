/** Watches of one person's documents. They end with the person's session, or with `close()`. */

import type { OnError, WithId } from "../types/client.js";
import type { ErrorCode } from "../types/errors.js";
import { COLLECTIONS } from "../types/generated/functions.js";
import type { Documents } from "../types/generated/shapes.js";
import type { FirebasePort, PortQuery, StoredDocument, Unsubscribe } from "../types/port.js";
import type { Faults } from "./faults.js";
import { type DocumentName, readDocument } from "./reading.js";
import type { Session } from "./session.js";

/** What is asked for of a collection; who asks is known only when the watch begins. */
export type Asked = Omit<PortQuery, "collection">;

/** Begins to listen for that person, and tells what goes wrong. */
export type Opening = (userId: string, failed: (error: unknown) => void) => Unsubscribe;

export interface Watches {
  /** One document, null while there is none. */
  document<N extends DocumentName>(
    name: N,
    id: (userId: string) => string,
    listener: (document: WithId<Documents[N]> | null) => void,
    onError?: OnError,
  ): Unsubscribe;
  query<N extends DocumentName>(
    name: N,
    asked: (userId: string) => Asked,
    listener: (documents: readonly WithId<Documents[N]>[]) => void,
    onError?: OnError,
  ): Unsubscribe;
  /** For several of them at once. `opening` is called when it is known who is signed in. */
  together(opening: Opening, onError?: OnError): Unsubscribe;
  openDocument<N extends DocumentName>(
    name: N,
    id: string,
    listener: (document: WithId<Documents[N]> | null) => void,
    failed: (error: unknown) => void,
  ): Unsubscribe;
  openQuery<N extends DocumentName>(
    name: N,
    asked: Asked,
    listener: (documents: readonly WithId<Documents[N]>[]) => void,
    failed: (error: unknown) => void,
  ): Unsubscribe;
  /** The first answer of a watch, for what is looked up once. Rejects with `timeout`. */
  once<T>(
    open: (listener: (found: T) => void, failed: (error: unknown) => void) => Unsubscribe,
  ): Promise<T>;
  close(): void;
}

interface Running {
  readonly userId: string;
  end(code: ErrorCode): void;
}

/** Without a connection a watch waits for one without a word. */
const ONCE_TIMEOUT_MS = 15_000;

export function createWatches(port: FirebasePort, session: Session, faults: Faults): Watches {
  const running = new Set<Running>();
  const closing = new Set<() => void>();
  let closed = false;

  const stopFollowing = session.onChange((userId) => {
    for (const each of [...running]) if (each.userId !== userId) each.end("unauthenticated");
  });

  function read<N extends DocumentName>(
    name: N,
    stored: StoredDocument,
  ): WithId<Documents[N]> | null {
    const document = readDocument(name, stored);
    if (document === null) faults.note(faults.of("internal", "unreadable_document"));
    return document;
  }

  const together: Watches["together"] = (opening, onError) => {
    let live = !closed;
    let stop: Unsubscribe | undefined;
    let entry: Running | undefined;

    const end = () => {
      live = false;
      if (entry !== undefined) running.delete(entry);
      closing.delete(end);
      stop?.();
      stop = undefined;
    };
    const failed = (error: unknown) => {
      if (!live) return;
      // Rules refuse everything to somebody who has just signed out.
      const left = entry !== undefined && entry.userId !== session.userId();
      end();
      onError?.(left ? faults.of("unauthenticated") : faults.from(error));
    };
    const begin = (userId: string | null) => {
      if (!live) return;
      if (userId === null) return failed(faults.of("unauthenticated"));
      entry = { userId, end: (code) => failed(faults.of(code)) };
      running.add(entry);
      try {
        const opened = opening(userId, failed);
        // It may have failed while it was opened.
        if (live) stop = opened;
        else opened();
      } catch (error) {
        failed(error);
      }
    };

    if (live) {
      closing.add(end);
      const userId = session.userId();
      if (userId !== null) begin(userId);
      else void session.known.then((known) => begin(session.userId() ?? known));
    }
    return end;
  };

  const openDocument: Watches["openDocument"] = (name, id, listener, failed) => {
    let live = true;
    const stop = port.watchDocument(
      `${COLLECTIONS[name]}/${id}`,
      (stored) => {
        if (!live) return;
        if (stored === null) return listener(null);
        const document = read(name, stored);
        if (document !== null) listener(document);
      },
      (error) => live && failed(error),
    );
    return () => {
      live = false;
      stop();
    };
  };

  const openQuery: Watches["openQuery"] = (name, asked, listener, failed) => {
    let live = true;
    const stop = port.watchQuery(
      { ...asked, collection: COLLECTIONS[name] },
      (stored) => {
        if (!live) return;
        listener(stored.map((each) => read(name, each)).filter((each) => each !== null));
      },
      (error) => live && failed(error),
    );
    return () => {
      live = false;
      stop();
    };
  };

  return {
    together,
    openDocument,
    openQuery,
    document: (name, id, listener, onError) =>
      together((userId, failed) => openDocument(name, id(userId), listener, failed), onError),
    query: (name, asked, listener, onError) =>
      together((userId, failed) => openQuery(name, asked(userId), listener, failed), onError),
    once: (open) =>
      new Promise((resolve, reject) => {
        let stop: Unsubscribe | null = null;
        let isOver = false;
        const end = () => {
          isOver = true;
          clearTimeout(timer);
          stop?.();
        };
        const timer = setTimeout(() => {
          reject(faults.of("timeout"));
          end();
        }, ONCE_TIMEOUT_MS);
        stop = open(
          (found) => {
            resolve(found);
            end();
          },
          (error) => {
            reject(faults.from(error));
            end();
          },
        );
        if (isOver) stop();
      }),
    close: () => {
      closed = true;
      stopFollowing();
      for (const end of [...closing]) end();
    },
  };
}
