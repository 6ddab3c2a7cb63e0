import type { Connectivity, FirebasePort, OpenFile } from "../../types/port.js";
import { MediaIntegrityError } from "../errors.js";
import { GRANULARITY } from "./protocol.js";
import { transfer } from "./transfer.js";

export interface FileToSend {
  readonly file: OpenFile;
  /** In the bucket. */
  readonly path: string;
  readonly contentType: string;
  readonly signal?: AbortSignal;
}

/** Lost connections in a row, before somebody else decides when to try again. */
const MOST_CUTS = 3;

/**
 * Puts a file that goes with an appeal or a report where the rules let its owner read it.
 *
 * Sent twice it is there once. Rejects as `transfer`, and with `offline` or `unavailable` where there
 * is no connection: unlike an upload it does not wait for one.
 */
export async function sendFile(
  port: FirebasePort,
  connectivity: Connectivity,
  { file, path, contentType, signal = new AbortController().signal }: FileToSend,
): Promise<void> {
  const userId = port.userId();
  if (userId === null) throw new MediaIntegrityError("unauthenticated");
  let cuts = 0;
  await transfer({
    port,
    connectivity,
    userId,
    file,
    path,
    contentType,
    metadata: {},
    pieceBytes: 4 * GRANULARITY,
    session: null,
    signal,
    mayGoOn: async () => undefined,
    isThere: () => isReadable(port, path),
    on: {
      session: async () => undefined,
      progress: () => undefined,
      restarted: () => undefined,
      cut: () => {
        cuts += 1;
        const online = connectivity.online();
        if (online && cuts < MOST_CUTS) return;
        throw new MediaIntegrityError(online ? "unavailable" : "offline");
      },
      connected: () => {
        cuts = 0;
      },
      finishing: () => undefined,
    },
  });
}

async function isReadable(port: FirebasePort, path: string): Promise<boolean> {
  const bucket = encodeURIComponent(port.bucket);
  const url = `${port.storageOrigin}/v0/b/${bucket}/o/${encodeURIComponent(path)}`;
  try {
    const token = await port.idToken();
    const appCheck = await port.appCheckToken();
    const response = await fetch(url, {
      headers: {
        ...(token === null ? {} : { Authorization: `Firebase ${token}` }),
        ...(appCheck === null ? {} : { "X-Firebase-AppCheck": appCheck }),
      },
    });
    return response.ok;
  } catch {
    return false;
  }
}
