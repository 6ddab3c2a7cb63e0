import { Platform } from "react-native";

import type { MediaSource } from "../types/port.js";

/** Which files are asked for. */
export interface FileWish {
  readonly kind: "evidence" | "reference" | "pictures";
  readonly multiple: boolean;
}

/** Lets the person choose files; none where they changed their mind. */
export type PickFiles = (wish: FileWish) => Promise<readonly MediaSource[]>;

const ACCEPTED: Readonly<Record<FileWish["kind"], string>> = {
  evidence: "image/*,application/pdf,text/plain",
  reference: "image/*,audio/*",
  pictures: "image/*",
};

/** The browser's own picker. Phones need one of the app, such as expo-document-picker. */
export const browserPicker: PickFiles = (wish) =>
  new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ACCEPTED[wish.kind];
    input.multiple = wish.multiple;
    input.addEventListener("change", () => {
      resolve([...(input.files ?? [])]);
    });
    input.addEventListener("cancel", () => {
      resolve([]);
    });
    input.click();
  });

/** The app's, else the browser's; undefined on a phone without one, where no button is shown. */
export function pickerOf(given: PickFiles | undefined): PickFiles | undefined {
  return given ?? (Platform.OS === "web" ? browserPicker : undefined);
}
