/** A real network between an app and an emulator that can be cut, slowed down and counted. */

import { createServer, connect, type Server, type Socket } from "node:net";

import { HOST } from "./stack.js";

export interface Proxy {
  readonly port: number;
  /** Bytes that came from the app since it was made. */
  sentBytes(): number;
  /** Ends all connections and takes no more. */
  cut(): void;
  /** Takes connections again. */
  mend(): void;
  /** Cuts by itself once so many more bytes have come from the app. */
  cutAfter(bytes: number): void;
  /**
   * Cuts by itself when the emulator begins to answer, so that the app never reads it; not before so
   * many bytes have come from the app since it was made.
   */
  cutBeforeAnswer(afterBytes?: number): void;
  /** Passes nothing on any more, and leaves connections open. */
  hold(): void;
  /** Bytes a second in each direction; Infinity again for all that there is. */
  limit(bytesPerSecond: number): void;
  /** What the app asked for, as the first line of each request on a fresh connection. */
  requests(): readonly string[];
  close(): Promise<void>;
}

/** Stands in front of a port of this machine. */
export async function proxyFor(target: number): Promise<Proxy> {
  const open = new Set<Socket>();
  const requests: string[] = [];
  let isCut = false;
  let sent = 0;
  let fuse = Number.POSITIVE_INFINITY;
  let answersAfter = Number.POSITIVE_INFINITY;
  let isHeld = false;
  let rate = Number.POSITIVE_INFINITY;

  const cut = (): void => {
    isCut = true;
    fuse = Number.POSITIVE_INFINITY;
    answersAfter = Number.POSITIVE_INFINITY;
    for (const socket of open) socket.destroy();
    open.clear();
  };

  const paced = (from: Socket, to: Socket, see: (chunk: Buffer) => boolean): void => {
    from.on("data", (chunk) => {
      if (isHeld || !see(chunk)) return;
      to.write(chunk);
      if (!Number.isFinite(rate)) return;
      from.pause();
      setTimeout(() => from.resume(), (1000 * chunk.length) / rate);
    });
    const end = (): void => {
      open.delete(from);
      to.destroy();
    };
    from.on("close", end);
    from.on("error", end);
  };

  const server: Server = createServer((app) => {
    if (isCut) {
      app.destroy();
      return;
    }
    const emulator = connect(target, HOST);
    open.add(app).add(emulator);
    paced(app, emulator, (chunk) => {
      const line = /^(GET|POST|PUT|OPTIONS) [^\r\n]+/.exec(chunk.toString("latin1"))?.[0];
      if (line !== undefined) requests.push(line);
      sent += chunk.length;
      fuse -= chunk.length;
      if (fuse < 0) cut();
      return !isCut;
    });
    paced(emulator, app, () => {
      if (sent >= answersAfter) cut();
      return !isCut;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    port: address.port,
    sentBytes: () => sent,
    cut,
    mend: () => {
      isCut = false;
    },
    cutAfter: (bytes) => {
      fuse = bytes;
    },
    cutBeforeAnswer: (afterBytes = 0) => {
      answersAfter = afterBytes;
    },
    hold: () => {
      isHeld = true;
    },
    limit: (bytesPerSecond) => {
      rate = bytesPerSecond;
    },
    requests: () => requests,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
