/** Files of a browser. */

import type { FileOpener, MediaSource, OpenFile } from "../../types/port.js";
import { randomId } from "../ids.js";

const DATABASE = "media-integrity";
const FILES = "files";

/**
 * Opens `Blob`, `File` and `blob:` or `data:` addresses. A bookmark puts the file into IndexedDB, so
 * that its upload goes on after the page was closed; it is deleted as soon as the upload has ended.
 */
export function webFiles(): FileOpener {
  return {
    open: async (source) => opened(await blobOf(source), source),
    bookmark: async (source) => {
      if (typeof indexedDB === "undefined") return null;
      const key = randomId();
      const blob = await blobOf(source);
      const { name, type } = opened(blob, source);
      // The name and type may have been told beside the bytes; its age is the copy's.
      const file = new File([blob], name, { type, lastModified: Date.now() });
      try {
        await inStore("readwrite", (files) => files.put(file, key));
        return key;
      } catch {
        return null; // full, or not allowed in this window
      }
    },
    reopen: async (bookmark) => {
      if (typeof indexedDB === "undefined") return null;
      const found = await inStore("readonly", (files) => files.get(bookmark));
      return found instanceof Blob ? opened(found, found) : null;
    },
    forget: async (bookmark) => {
      if (typeof indexedDB === "undefined") return;
      await inStore("readwrite", (files) => files.delete(bookmark));
    },
    forgetOlder: async (before) => {
      if (typeof indexedDB === "undefined") return;
      await inStore("readwrite", (files) => {
        const request = files.openCursor();
        request.onsuccess = () => {
          const found = request.result;
          if (found === null) return;
          const file: unknown = found.value;
          if (file instanceof File && file.lastModified < before.getTime()) found.delete();
          found.continue();
        };
        return request;
      });
    },
  };
}

async function blobOf(source: MediaSource): Promise<Blob> {
  if (source instanceof Blob) return source;
  if (!/^(blob|data):/i.test(source.uri)) {
    throw new TypeError("an address of this device is needed: blob: or data:");
  }
  return (await fetch(source.uri)).blob();
}

function opened(blob: Blob, source: MediaSource): OpenFile {
  const told: { readonly name?: string; readonly type?: string } =
    source instanceof Blob ? {} : source;
  return {
    size: blob.size,
    type: told.type ?? blob.type,
    name: told.name ?? (blob instanceof File ? blob.name : ""),
    // No bytes are read here: the browser reads a slice when it is sent.
    read: async (start, end) => blob.slice(start, end),
    close: () => undefined,
  };
}

// ---- IndexedDB ----

async function inStore<T>(
  mode: IDBTransactionMode,
  work: (files: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(FILES, mode);
      const request = work(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(FILES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("the database is in use"));
  });
}
