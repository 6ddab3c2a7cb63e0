/** The browser's address, from the `#` on. `address-bar.native.ts` stands in for it on a phone. */
export const addressBar = {
  path: (): string => window.location.hash,
  go(path: string): void {
    window.location.hash = path;
  },
  subscribe(listener: () => void): () => void {
    window.addEventListener("hashchange", listener);
    return () => window.removeEventListener("hashchange", listener);
  },
};
