/** Who is signed in, and what ends with them. */

import type { FirebasePort, Unsubscribe } from "../types/port.js";

export interface Session {
  userId(): string | null;
  /** Resolves as soon as Firebase knows who is signed in: after a start it does not at once. */
  readonly known: Promise<string | null>;
  /** Told when it is somebody else, or nobody any more. */
  onChange(listener: (userId: string | null) => void): Unsubscribe;
  close(): void;
}

export function createSession(port: FirebasePort): Session {
  const listeners = new Set<(userId: string | null) => void>();
  let last: string | null | undefined;
  let tell: (userId: string | null) => void = () => undefined;
  const known = new Promise<string | null>((resolve) => {
    tell = resolve;
  });
  const stop = port.onUser((userId) => {
    tell(userId);
    if (userId === last) return;
    last = userId;
    for (const listener of [...listeners]) listener(userId);
  });
  return {
    userId: () => port.userId(),
    known,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      stop();
      listeners.clear();
      tell(null);
    },
  };
}
