import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { expoFiles, type ExpoFile, type ExpoFileHandle } from "../../src/client/files/expo.js";
import { webFiles } from "../../src/client/files/web.js";

/** `File` of `expo-file-system` over this machine's files. */
class DiskFile implements ExpoFile {
  static open = 0;
  readonly #path: string;

  constructor(uri: string) {
    this.#path = fileURLToPath(uri);
  }
  get exists(): boolean {
    return existsSync(this.#path);
  }
  get size(): number {
    return statSync(this.#path).size;
  }
  get name(): string {
    return basename(this.#path);
  }
  open(): ExpoFileHandle {
    const file = openSync(this.#path, "r");
    DiskFile.open += 1;
    return {
      offset: 0,
      readBytes(length) {
        const bytes = new Uint8Array(length);
        const read = readSync(file, bytes, 0, length, this.offset);
        this.offset = (this.offset ?? 0) + read;
        return bytes.slice(0, read);
      },
      close: () => {
        closeSync(file);
        DiskFile.open -= 1;
      },
    };
  }
}

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "expo-files-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

function stored(name: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    Uint8Array.from({ length: 1000 }, (_, at) => at % 256),
  );
  return pathToFileURL(path).href;
}

describe("files of a phone", () => {
  it("are read where asked, in any order", async () => {
    const file = await expoFiles({ File: DiskFile }).open({ uri: stored("a.jpg") });
    onTestFinished(() => file.close());
    expect(file).toMatchObject({ size: 1000, name: "a.jpg", type: "" });
    expect(await file.read(500, 503)).toEqual(new Uint8Array([244, 245, 246]));
    expect(await file.read(0, 2)).toEqual(new Uint8Array([0, 1]));
    expect(await file.read(999, 1000)).toEqual(new Uint8Array([231]));
  });

  it("are what the picker says that they are", async () => {
    const source = { uri: stored("a.tmp"), name: "holiday.heic", type: "image/heic" };
    const files = expoFiles({ File: DiskFile });
    const file = await files.open(source);
    file.close();
    expect(file).toMatchObject({ name: "holiday.heic", type: "image/heic" });
    const again = await files.reopen((await files.bookmark(source)) ?? "");
    again?.close();
    expect(again).toMatchObject({ name: "holiday.heic", type: "image/heic", size: 1000 });
    expect(DiskFile.open).toBe(0);
  });

  it("are found again after an update of the app moved its folders", async () => {
    const source = { uri: stored("a.jpg") };
    const at = (path: string) => ({ document: { uri: "file:///no" }, cache: { uri: path } });
    const before = expoFiles({ File: DiskFile, Paths: at(pathToFileURL(folder).href) });
    const bookmark = (await before.bookmark(source)) ?? "";
    const moved = `${folder}-moved`;
    renameSync(folder, moved);
    onTestFinished(() => rmSync(moved, { recursive: true }));
    expect(await before.reopen(bookmark)).toBeNull();
    const later = expoFiles({ File: DiskFile, Paths: at(pathToFileURL(moved).href) });
    const file = await later.reopen(bookmark);
    file?.close();
    expect(file?.size).toBe(1000);
  });

  it("that are gone are not there", async () => {
    const files = expoFiles({ File: DiskFile });
    const source = { uri: stored("a.jpg") };
    const bookmark = (await files.bookmark(source)) ?? "";
    rmSync(join(folder, "a.jpg"));
    expect(await files.reopen(bookmark)).toBeNull();
    await expect(files.open(source)).rejects.toThrow();
    await expect(files.open(new Blob(["x"]))).rejects.toThrow(TypeError);
  });
});

describe("files of a browser", () => {
  it("are cut, not read", async () => {
    const file = new File(["0123456789"], "a.txt", { type: "text/plain" });
    const opened = await webFiles().open(file);
    expect(opened).toMatchObject({ size: 10, name: "a.txt", type: "text/plain" });
    const piece = await opened.read(2, 5);
    expect(piece).toBeInstanceOf(Blob);
    expect(piece instanceof Blob && (await piece.text())).toBe("234");
  });

  it("are addresses of this device as well, and no others", async () => {
    const address = URL.createObjectURL(new Blob(["0123"], { type: "image/png" }));
    onTestFinished(() => URL.revokeObjectURL(address));
    const opened = await webFiles().open({ uri: address, name: "b.png" });
    expect(opened).toMatchObject({ size: 4, name: "b.png", type: "image/png" });
    await expect(webFiles().open({ uri: "https://example.com/a.png" })).rejects.toThrow(TypeError);
    await expect(webFiles().open({ uri: "file:///etc/hosts" })).rejects.toThrow(TypeError);
  });

  it("cannot be found again where there is no IndexedDB, and nothing breaks", async () => {
    const files = webFiles();
    expect(await files.bookmark(new Blob(["x"]))).toBeNull();
    expect(await files.reopen("x")).toBeNull();
    await files.forget?.("x");
  });
});
