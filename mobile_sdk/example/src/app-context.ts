import type { User } from "firebase/auth";
import { createContext, useContext } from "react";
import type { Backend } from "./backend";
import type { Settings } from "./settings";
import type { Words } from "./words";

/** What every screen of the app may need beside the SDK's hooks. */
export interface AppContext {
  readonly backend: Backend;
  /** Null before somebody has signed in. */
  readonly user: User | null;
  readonly settings: Settings;
  readonly words: Words;
  change(settings: Partial<Settings>): void;
}

export const Context = createContext<AppContext | null>(null);

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === null) throw new Error("useApp is used outside of the app");
  return app;
}
