import type { Connectivity } from "../types/port.js";

/**
 * What the browser knows of its connection; it takes some lost ones for good ones. Where there is no
 * browser, as in React Native, everything counts as connected: give one made of
 * `@react-native-community/netinfo` there.
 */
export function browserConnectivity(): Connectivity {
  const isBrowser = typeof window !== "undefined" && typeof window.addEventListener === "function";
  return {
    online: () => typeof navigator === "undefined" || navigator.onLine !== false,
    onChange: (listener) => {
      if (!isBrowser) return () => undefined;
      const online = (): void => listener(true);
      const offline = (): void => listener(false);
      window.addEventListener("online", online);
      window.addEventListener("offline", offline);
      return () => {
        window.removeEventListener("online", online);
        window.removeEventListener("offline", offline);
      };
    },
  };
}
