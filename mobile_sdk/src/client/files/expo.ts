/** Files of a phone, by `expo-file-system` (SDK 54 and later), which the app hands in. */

import type { FileOpener, MediaSource, OpenFile } from "../../types/port.js";

/** What is used of `expo-file-system`. */
export interface ExpoFileSystem {
  readonly File: new (uri: string) => ExpoFile;
  /**
   * The app's own folders. iOS moves them with every update of the app: with these a file below them
   * is found again all the same.
   */
  readonly Paths?: {
    readonly document: { readonly uri: string };
    readonly cache: { readonly uri: string };
  };
}

/** A file by its address. */
export interface ExpoFile {
  readonly exists: boolean;
  /** Bytes; null where it is not known. */
  readonly size: number | null;
  readonly type?: string | null;
  readonly name: string;
  readonly open: () => ExpoFileHandle;
}

/** An open file. `offset` is where the next read begins. */
export interface ExpoFileHandle {
  offset: number | null;
  /** A promise from SDK 58 on. */
  readonly readBytes: (
    length: number,
  ) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  readonly close: () => void;
}

/**
 * A {@link FileOpener} for Expo apps: `expoFiles(await import("expo-file-system"))`.
 *
 * Takes what pickers and the camera give: `file:` and `content:` addresses. Of a file only the piece
 * that is asked for is in memory.
 */
export function expoFiles({ File, Paths }: ExpoFileSystem): FileOpener {
  const roots = (): readonly (readonly [name: string, uri: string])[] =>
    Paths === undefined
      ? []
      : [
          ["document", withSlash(Paths.document.uri)],
          ["cache", withSlash(Paths.cache.uri)],
        ];

  const open = (
    uri: string,
    told: { readonly name?: string; readonly type?: string },
  ): OpenFile => {
    const file = new File(uri);
    if (!file.exists) throw new Error("there is no such file");
    const handle = file.open();
    return {
      size: file.size ?? 0,
      type: told.type ?? file.type ?? "",
      name: told.name ?? file.name,
      read: async (start, end) => {
        handle.offset = start;
        return handle.readBytes(end - start);
      },
      close: () => handle.close(),
    };
  };

  return {
    open: async (source) => {
      const { uri, ...told } = addressed(source);
      return open(uri, told);
    },

    bookmark: async (source) => {
      const { uri, name, type } = addressed(source);
      const root = roots().find(([, folder]) => uri.startsWith(folder));
      const place =
        root === undefined ? { uri } : { root: root[0], path: uri.slice(root[1].length) };
      return JSON.stringify({ ...place, name, type });
    },

    reopen: async (bookmark) => {
      const { uri, root, path, name, type } = textsOf(bookmark);
      const folder = roots().find(([each]) => each === root)?.[1];
      const place = uri ?? (folder !== undefined && path !== undefined ? folder + path : undefined);
      if (place === undefined || !new File(place).exists) return null;
      return open(place, {
        ...(name === undefined ? {} : { name }),
        ...(type === undefined ? {} : { type }),
      });
    },
  };
}

function addressed(source: MediaSource): Exclude<MediaSource, Blob> {
  if ("uri" in source) return source;
  throw new TypeError("a file's address is needed, not a Blob");
}

function withSlash(uri: string): string {
  return uri.endsWith("/") ? uri : `${uri}/`;
}

function textsOf(bookmark: string): Readonly<Record<string, string | undefined>> {
  const found: unknown = JSON.parse(bookmark);
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
