/** Uploads: from a file on the device to its verdict, over lost connections and restarts. */
export { accepted, MAX_BYTES } from "./accepted.js";
export type { UploadDependencies } from "./dependencies.js";
export { sendFile, type FileToSend } from "./send-file.js";
export { createUploads, type Uploads } from "./uploads.js";
