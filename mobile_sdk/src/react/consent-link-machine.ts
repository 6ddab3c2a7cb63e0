import type { MediaIntegrityErrorFields, OpenedConsentLink } from "../types/index.js";
import {
  attemptsLeft,
  reduceAttempts,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import type { Answered } from "./consent-requests-machine.js";
import { LOADING, type Watched } from "./watch-machine.js";

export interface LinkModel {
  readonly opened: Watched<OpenedConsentLink>;
  readonly attempts: Attempts<Answered>;
}

export type LinkEvent =
  | { readonly type: "opened"; readonly link: OpenedConsentLink }
  | { readonly type: "unopened"; readonly error: MediaIntegrityErrorFields }
  | { readonly type: "again" }
  | AttemptEvent<Answered>;

export const UNOPENED: LinkModel = { opened: LOADING, attempts: {} };

/** What is open stays open when it cannot be looked at anew. */
export function reduceLink(model: LinkModel, event: LinkEvent): LinkModel {
  switch (event.type) {
    case "opened":
      return { ...model, opened: { state: "ready", value: event.link } };
    case "unopened":
      return model.opened.state === "ready"
        ? model
        : { ...model, opened: { state: "failed", error: event.error } };
    case "again":
      return model.opened.state === "failed" ? { ...model, opened: LOADING } : model;
    default: {
      const attempts = reduceAttempts(model.attempts, event);
      return attempts === model.attempts ? model : { ...model, attempts };
    }
  }
}

export function linkLeft(model: LinkModel): LinkModel {
  return { ...model, attempts: attemptsLeft(model.attempts) };
}
