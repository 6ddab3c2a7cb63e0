import AsyncStorage from "@react-native-async-storage/async-storage";
import * as FileSystem from "expo-file-system";
import { expoFiles } from "media-integrity-sdk/client";
import type { KeyValueStore } from "media-integrity-sdk";
import type { Platform } from "./platform";

const stored: KeyValueStore = {
  getItem: (key) => AsyncStorage.getItem(key),
  setItem: (key, value) => AsyncStorage.setItem(key, value),
  removeItem: (key) => AsyncStorage.removeItem(key),
};

/** A phone over USB sees the stack of this machine after `adb reverse tcp:PORT tcp:PORT`. */
const ORIGIN = process.env["EXPO_PUBLIC_APP_ORIGIN"] ?? "http://127.0.0.1:5173";

export const platform: Platform = {
  configUrl: `${ORIGIN}/config.json`,
  language: Intl.DateTimeFormat().resolvedOptions().locale,
  settings: stored,
  clientOptions: { store: stored, files: expoFiles(FileSystem), deviceId: installationId },
  linkTo: (path) => `media-integrity-example://app${path}`,
  async pickMedia() {
    const picked = await FileSystem.File.pickFileAsync({
      mimeTypes: ["image/*", "video/*", "audio/*"],
    });
    if (picked.canceled) return null;
    const { uri, name, type } = picked.result;
    return type === "" ? { uri, name } : { uri, name, type };
  },
  announce: () => undefined,
};

async function installationId(): Promise<string> {
  const key = "media-integrity-example/installation";
  const known = await stored.getItem(key);
  if (known !== null) return known;
  const made = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2)).join("");
  await stored.setItem(key, made);
  return made;
}
