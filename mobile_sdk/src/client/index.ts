/** Everything that an app can do, without React: `media-integrity-sdk/client`. */
export { appealUntil, mayAppeal } from "./cases.js";
export { browserConnectivity } from "./connectivity.js";
export { createMediaIntegrityClient } from "./create.js";
export { MediaIntegrityError } from "./errors.js";
export { webFiles } from "./files/web.js";
export { REPORT_STATEMENT } from "./reports.js";
export { outcomeOf } from "./scans.js";
export { memoryStore, webStore } from "./stores.js";
