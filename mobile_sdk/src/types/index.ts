export type * from "./client.js";
export type * from "./errors.js";
export type * from "./generated/documents.js";
export type * from "./generated/messages.js";
export type { FunctionName, Functions } from "./generated/functions.js";
export type {
  Connectivity,
  FileOpener,
  FirebasePort,
  KeyValueStore,
  MediaSource,
  OpenFile,
  PictureDecoder,
  PortQuery,
  StoredDocument,
  Unsubscribe,
} from "./port.js";
