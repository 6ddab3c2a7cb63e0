import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { addressBar } from "./address-bar";

/** Where somebody is in the app. On the web it stands in the address: `#/case/…`. */
export type Route =
  | { readonly at: Tab }
  | { readonly at: "upload-result"; readonly jobId: string }
  | { readonly at: "case" | "appeal" | "match"; readonly caseId: string }
  | { readonly at: "request"; readonly requestId: string }
  /** Somebody who was sent a link, perhaps without an account. */
  | { readonly at: "consent"; readonly token: string };

export const TABS = [
  "upload",
  "requests",
  "shield",
  "report",
  "notifications",
  "settings",
] as const;
export type Tab = (typeof TABS)[number];

export function toPath(route: Route): string {
  switch (route.at) {
    case "upload-result":
      return `#/upload-result/${route.jobId}`;
    case "case":
    case "appeal":
    case "match":
      return `#/${route.at}/${route.caseId}`;
    case "request":
      return `#/request/${route.requestId}`;
    case "consent":
      return `#/consent/${route.token}`;
    default:
      return `#/${route.at}`;
  }
}

/** Below which tab somebody is. */
export function tabOf(route: Route): Tab {
  switch (route.at) {
    case "upload-result":
    case "case":
    case "appeal":
      return "upload";
    case "request":
    case "consent":
      return "requests";
    case "match":
      return "shield";
    default:
      return route.at;
  }
}

/** The first tab for whatever is no route. */
export function fromPath(path: string): Route {
  const [, at = "", id = ""] = path.split("/");
  if (id !== "") {
    if (at === "upload-result") return { at, jobId: id };
    if (at === "case" || at === "appeal" || at === "match") return { at, caseId: id };
    if (at === "request") return { at, requestId: id };
    if (at === "consent") return { at, token: id };
  }
  return { at: TABS.find((tab) => tab === at) ?? "upload" };
}

export interface Navigation {
  readonly route: Route;
  readonly go: (route: Route) => void;
}

export function useNavigationHere(): Navigation {
  const path = useSyncExternalStore(addressBar.subscribe, addressBar.path);
  return useMemo(() => ({ route: fromPath(path), go }), [path]);
}

function go(route: Route): void {
  addressBar.go(toPath(route));
}

export const NavigationContext = createContext<Navigation | null>(null);

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === null) throw new Error("useNavigation is used outside of the app");
  return navigation;
}
