import { sha256Hex } from "../hashing/sha256.js";
import type { KeyValueStore } from "../types/port.js";
import { randomId } from "./ids.js";

const SALT_KEY = "media-integrity/device-salt";
const SALT = /^[0-9a-f]{32}$/;

export interface DeviceOptions {
  readonly store: KeyValueStore;
  /** Whether the user agrees that the device is known again. */
  readonly consent: boolean;
  /** Something that stays the same on this device. Never sent itself. */
  readonly deviceId?: (() => Promise<string | null>) | undefined;
}

/**
 * Gives the hash by which the app knows this device again, 64 hexadecimal digits; null without the
 * user's consent.
 *
 * It is made of a random salt of this installation, so that nobody works out a device from it, or
 * compares it with another app's. Without consent the salt is deleted: a later hash is another one.
 * It is the same for all accounts on the device: that is what it is for.
 */
export function createDeviceHash({
  store,
  consent,
  deviceId,
}: DeviceOptions): () => Promise<string | null> {
  let known: Promise<string | null> | undefined;

  const make = async (): Promise<string | null> => {
    if (!consent) {
      await store.removeItem(SALT_KEY);
      return null;
    }
    const stored = await store.getItem(SALT_KEY);
    const salt = stored !== null && SALT.test(stored) ? stored : randomId();
    if (salt !== stored) await store.setItem(SALT_KEY, salt);
    const id = (await deviceId?.().catch(() => null)) ?? "";
    return sha256Hex(`media-integrity/device\n${salt}\n${id}`);
  };

  // A device that cannot keep a salt is not known again; its uploads go on all the same.
  return () => (known ??= make().catch(() => null));
}
