import { Linking } from "react-native";

let here = "";
const listeners = new Set<() => void>();

/** A phone has no address bar: the place is kept here, and links that open the app lead to it. */
export const addressBar = {
  path: (): string => here,
  go(path: string): void {
    here = path;
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** `media-integrity-example://app#/consent/…` */
function open(url: string | null | undefined): void {
  const start = url?.indexOf("#") ?? -1;
  if (url && start >= 0) addressBar.go(url.slice(start));
}

void Linking.getInitialURL().then(open);
Linking.addEventListener("url", ({ url }) => open(url));
