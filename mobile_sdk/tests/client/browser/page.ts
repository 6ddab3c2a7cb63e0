/** Runs in a browser: one app, its uploads, its real files, storage and locks. */

import { initializeApp } from "firebase/app";
import { getAuth, signInWithEmailAndPassword } from "firebase/auth";

import { webFiles } from "../../../src/client/files/web.js";
import { webStore } from "../../../src/client/stores.js";
import type { Uploads } from "../../../src/client/uploading/index.js";
import { webFirebase, type EmulatorPorts } from "../../../src/firebase/web.js";
import type { UploadTask } from "../../../src/types/client.js";
import { sentIn, startUploads } from "../../support/uploads.js";

export interface PageOptions {
  readonly project: string;
  readonly bucket: string;
  readonly ports: EmulatorPorts;
  readonly chunkBytes: number;
}

let uploads: Uploads | undefined;
let task: UploadTask | undefined;

export async function open(
  { project, bucket, ports, chunkBytes }: PageOptions,
  person: { readonly email: string; readonly password: string } | null,
): Promise<void> {
  const app = initializeApp({ projectId: project, storageBucket: bucket, apiKey: "emulator" });
  const port = webFirebase({ app, emulators: ports });
  if (person !== null)
    await signInWithEmailAndPassword(getAuth(app), person.email, person.password);
  uploads = startUploads(port, { files: webFiles(), store: webStore(), chunkBytes });
}

/** A picture with so many bytes behind its end. */
export function upload(base64: string, bytes: number): void {
  const picture = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const rest = new Uint8Array(bytes - picture.length).map((_, at) => at % 251);
  task = uploads?.uploadMedia(new File([picture, rest], "large.png", { type: "image/png" }));
}

export async function goOn(): Promise<number> {
  const tasks = (await uploads?.unfinishedUploads()) ?? [];
  [task] = tasks;
  return tasks.length;
}

export function sent(): number {
  return task === undefined ? 0 : (sentIn(task.state()) ?? 0);
}

export async function outcome(): Promise<string | undefined> {
  return (await task?.done)?.outcome;
}

/** What is left on the device of uploads: names of values, and how many files. */
export async function left(): Promise<{
  readonly keys: readonly string[];
  readonly files: number;
}> {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith("media-integrity/uploads"));
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("media-integrity");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const files = await new Promise<number>((resolve, reject) => {
    const request = database.transaction("files").objectStore("files").count();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  database.close();
  return { keys, files };
}
