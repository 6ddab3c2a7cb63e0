/**
 * Uploads that are checked before anybody sees them, consent, appeals, shields.
 *
 * The client and the types; hooks are in `media-integrity-sdk/react`, screens in
 * `media-integrity-sdk/components`, Firebase in `media-integrity-sdk/firebase/web` or `/native`.
 */
export * from "./client/index.js";
export { COLLECTIONS, LIMITS } from "./types/generated/functions.js";
export type * from "./types/index.js";
