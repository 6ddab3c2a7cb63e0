/** Files that go with an appeal or a report: looked at on the device, then put into the bucket. */

import type {
  Connectivity,
  FileOpener,
  FirebasePort,
  MediaSource,
  OpenFile,
} from "../types/port.js";
import type { Faults } from "./faults.js";
import { randomId } from "./ids.js";
import type { AttachedFile, GivenFile } from "./queue.js";
import { safeName } from "./uploading/accepted.js";
import { sendFile } from "./uploading/send-file.js";

/** As storage.rules has it. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Types that are taken, with the endings of names that say so where the system does not. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/heic": ["heic"],
  "image/heif": ["heif"],
  "application/pdf": ["pdf"],
  "text/plain": ["txt"],
};

export interface Evidence {
  /**
   * Looks at files and says where they will lie, below that folder. Rejects with `file`.
   *
   * Each call gives them names of its own: files of an earlier try are never taken for these.
   */
  prepare(folder: string, sources: readonly MediaSource[]): Promise<readonly GivenFile[]>;
  /** Puts them in, those that are there already excepted. Gives their paths. */
  put(files: readonly AttachedFile[]): Promise<string[]>;
  close(): void;
}

export function createEvidence(parts: {
  readonly port: FirebasePort;
  readonly files: FileOpener;
  readonly connectivity: Connectivity;
  readonly faults: Faults;
}): Evidence {
  const { port, files, connectivity, faults } = parts;
  const closing = new AbortController();

  async function prepareOne(
    folder: string,
    prefix: string,
    source: MediaSource,
  ): Promise<GivenFile> {
    const file = await openFile(files, source, faults);
    const { name, size } = file;
    const type = typeOf(name, file.type);
    file.close();
    if (type === null) throw faults.of("file", "evidence_type");
    if (size <= 0) throw faults.of("file", "file_empty");
    if (size > MAX_BYTES) throw faults.of("file", "evidence_size");
    const ending = TYPES[type]?.[0] ?? "bin";
    return {
      path: `${folder}/${prefix}-${safeName(name, ending).slice(-80)}`,
      type,
      open: () => openFile(files, source, faults),
      bookmark: () => files.bookmark(source),
    };
  }

  async function putOne({ path, type, open }: AttachedFile): Promise<string> {
    const file = await open();
    if (file === null) throw faults.of("file", "file_unreadable");
    try {
      await sendFile(port, connectivity, {
        file,
        path,
        contentType: type,
        signal: closing.signal,
      });
      return path;
    } catch (error) {
      throw faults.from(error);
    } finally {
      file.close();
    }
  }

  return {
    prepare: async (folder, sources) => {
      const prefix = randomId().slice(0, 8);
      const prepared: GivenFile[] = [];
      for (const [index, source] of sources.entries()) {
        prepared.push(await prepareOne(folder, `${prefix}-${index + 1}`, source));
      }
      return prepared;
    },
    put: async (attached) => {
      const paths: string[] = [];
      for (const file of attached) paths.push(await putOne(file));
      return paths;
    },
    close: () => closing.abort(),
  };
}

/** Rejects with `file` where it cannot be opened, whatever a device calls that. */
export async function openFile(
  files: FileOpener,
  source: MediaSource,
  faults: Faults,
): Promise<OpenFile> {
  try {
    return await files.open(source);
  } catch (error) {
    const fault = faults.from(error);
    if (fault.code !== "internal") throw fault;
    throw faults.of("file", "file_unreadable", { cause: error });
  }
}

/** Pure. Null for what is not taken. */
function typeOf(name: string, told: string): string | null {
  const type = told.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (Object.hasOwn(TYPES, type)) return type;
  if (type === "image/jpg") return "image/jpeg";
  if (type !== "" && type !== "application/octet-stream") return null;
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return Object.keys(TYPES).find((each) => TYPES[each]?.includes(ending)) ?? null;
}
