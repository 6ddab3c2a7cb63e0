import type { en } from "./en.js";

/** What is said of a failure's finer reason, the backend's or the client's own. */
export type Reasons = Readonly<Record<keyof typeof en, string>>;
