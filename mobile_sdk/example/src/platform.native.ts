import AsyncStorage from "@react-native-async-storage/async-storage";
import * as FileSystem from "expo-file-system";
import { expoFiles } from "media-integrity-sdk/files/expo";
import type { FileWish } from "media-integrity-sdk/components";
import type { KeyValueStore, MediaSource } from "media-integrity-sdk";
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
  pickMedia: async () => (await pick(["image/*", "video/*", "audio/*"]))[0] ?? null,
  pickFiles: ({ kind }) => pick(ACCEPTED[kind]),
  announce: () => undefined,
};

const ACCEPTED: Readonly<Record<FileWish["kind"], string[]>> = {
  evidence: ["image/*", "application/pdf", "text/plain"],
  reference: ["image/*", "audio/*"],
  pictures: ["image/*"],
};

async function pick(mimeTypes: string[]): Promise<readonly MediaSource[]> {
  const picked = await FileSystem.File.pickFileAsync({ mimeTypes });
  if (picked.canceled) return [];
  const { uri, name, type } = picked.result;
  return [type === "" ? { uri, name } : { uri, name, type }];
}

async function installationId(): Promise<string> {
  const key = "media-integrity-example/installation";
  const known = await stored.getItem(key);
  if (known !== null) return known;
  const made = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2)).join("");
  await stored.setItem(key, made);
  return made;
}
