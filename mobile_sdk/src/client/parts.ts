/** What the client's capabilities are made of. */

import type { Language } from "../types/generated/messages.js";
import type { FileOpener, FirebasePort } from "../types/port.js";
import type { Call } from "./calls.js";
import type { Faults } from "./faults.js";
import type { Session } from "./session.js";
import type { Watches } from "./watching.js";
import type { Queue } from "./queue.js";

export interface Parts {
  readonly port: FirebasePort;
  readonly session: Session;
  readonly watches: Watches;
  readonly faults: Faults;
  readonly call: Call;
  readonly files: FileOpener;
  readonly queue: Queue;
  readonly language: Language;
}

/** How many documents a list shows: the newest. */
export const LIST_LENGTH = 50;
