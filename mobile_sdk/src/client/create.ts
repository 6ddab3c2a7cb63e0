/** Puts the client together. */

import { languageOf } from "../i18n/errors.js";
import { loadReasons } from "../i18n/reasons/index.js";
import type { ClientConfig, MediaIntegrityClient } from "../types/client.js";
import { createAppeals, performAppeal } from "./appeals.js";
import { createCall } from "./calls.js";
import { createCases } from "./cases.js";
import { browserConnectivity } from "./connectivity.js";
import { createConsent } from "./consent.js";
import { createDeviceHash } from "./device.js";
import { createEvidence } from "./evidence.js";
import { createFaults } from "./faults.js";
import { webFiles } from "./files/web.js";
import { createHasher } from "./hasher.js";
import { createNotifications, performRead } from "./notifications.js";
import type { Parts } from "./parts.js";
import { createPreflight } from "./preflight.js";
import { createQueue, OLDEST_MS, type Performers } from "./queue.js";
import { createReports } from "./reports.js";
import { createScans } from "./scans.js";
import { createSession } from "./session.js";
import { createShields } from "./shields.js";
import { createStanding } from "./standing.js";
import { memoryStore } from "./stores.js";
import { createUploads } from "./uploading/index.js";
import { createWatches } from "./watching.js";

/**
 * A client of the engine for one Firebase app: make one at the app's start and keep it.
 *
 * It follows who is signed in by itself. What it stores in `options.store` it stores for each
 * account, and goes on with it when that account is there. End it with `close()`.
 *
 * ```ts
 * const client = createMediaIntegrityClient({
 *   firebase: webFirebase({ app }),
 *   options: { language: navigator.language, store: webStore() },
 * });
 * const outcome = await client.uploadMedia(file).done;
 * ```
 */
export function createMediaIntegrityClient({
  firebase: port,
  options = {},
}: ClientConfig): MediaIntegrityClient {
  const { onEvent } = options;
  const language = languageOf(options.language);
  void loadReasons(language);
  const store = options.store ?? memoryStore();
  const files = options.files ?? webFiles();
  const connectivity = options.connectivity ?? browserConnectivity();

  // Of accounts that never came back, or of a run that ended before it wrote down what it copied.
  void files.forgetOlder?.(new Date(Date.now() - OLDEST_MS)).catch(() => undefined);

  const faults = createFaults(language, onEvent);
  const session = createSession(port);
  const watches = createWatches(port, session, faults);
  const call = createCall(port, faults);
  const evidence = createEvidence({ port, files, connectivity, faults });

  const performers: Performers = {
    appeal: performAppeal({ port, watches, evidence, faults, userId: session.userId }),
    read: performRead({ port, watches, faults }),
    report: async ({ request, files: attached }, stillTheirs) => {
      stillTheirs();
      const evidencePaths = await evidence.put(attached);
      stillTheirs();
      return call("submit_report", { ...request, evidencePaths });
    },
    "consent-answer": async ({ key, answer }, stillTheirs) => {
      stillTheirs();
      return call("respond_to_consent_request", { ...key, answer });
    },
    "shield-answer": async ({ caseId, answer }, stillTheirs) => {
      stillTheirs();
      return call("answer_shield_match", { caseId, answer });
    },
  };
  const queue = createQueue({ session, store, connectivity, files, performers, faults, onEvent });
  const parts: Parts = { port, session, watches, faults, call, files, queue, language };
  const scans = createScans(parts);
  const decode = options.decodePicture;
  const scanMedia = createPreflight({ call, decode });
  const uploads = createUploads({
    port,
    call,
    faults,
    files,
    store,
    connectivity,
    watchScan: scans.watchScan,
    deviceHash: createDeviceHash({
      store,
      consent: options.deviceConsent ?? false,
      deviceId: options.deviceId,
    }),
    preflight: scanMedia,
    chunkBytes: options.chunkBytes,
    onEvent,
  });
  return {
    language,
    userId: session.userId,
    onUser: (listener) => port.onUser(listener),
    online: () => connectivity.online(),
    onOnline: (listener) => connectivity.onChange(listener),
    uploadMedia: uploads.uploadMedia,
    unfinishedUploads: uploads.unfinishedUploads,
    scanMedia,
    ...scans,
    ...createConsent(parts),
    ...createCases(parts),
    ...createAppeals({ ...parts, evidence }),
    ...createShields({ ...parts, hashOf: createHasher(decode, faults) }),
    ...createReports({ ...parts, evidence }),
    ...createNotifications(parts),
    ...createStanding(parts),
    queue: queue.list,
    onQueue: queue.onChange,
    close: () => {
      watches.close();
      queue.close();
      uploads.close();
      evidence.close();
      session.close();
    },
  };
}
