import type { ClientEvent, MediaIntegrityClient, PreflightResult } from "../../types/client.js";
import type {
  Connectivity,
  FileOpener,
  FirebasePort,
  KeyValueStore,
  MediaSource,
} from "../../types/port.js";
import type { Call } from "../calls.js";
import type { Faults } from "../faults.js";

/** What uploads need of the client. */
export interface UploadDependencies {
  readonly port: FirebasePort;
  readonly call: Call;
  readonly faults: Faults;
  readonly files: FileOpener;
  readonly store: KeyValueStore;
  readonly connectivity: Connectivity;
  readonly watchScan: MediaIntegrityClient["watchScan"];
  /** The salted hash by which this device is known again; null without the user's consent. */
  readonly deviceHash: () => Promise<string | null>;
  /** Asks `check_hashes` of a picture. */
  readonly preflight: (source: MediaSource) => Promise<PreflightResult>;
  /** Bytes in one request; default 1 MiB. */
  readonly chunkBytes?: number | undefined;
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
}
