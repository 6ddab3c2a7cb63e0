/** Files of phones: `media-integrity-sdk/files/expo`. */
export { expoFiles, type ExpoFileSystem } from "../client/files/expo.js";
