import type {
  ConsentQuestion,
  ConsentRequest,
  ConsentState,
  ScanView,
  WithId,
} from "../types/index.js";
import {
  attemptsLeft,
  reduceAttempts,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import { reduceWatch, type WatchEvent, type Watched } from "./watch-machine.js";

export type ConsentAction = "self" | "statement" | "ask" | "withdraw";

/** A link that was just made: shown now or never. */
export interface ConsentLink {
  readonly requestId: string;
  /** Whoever has it can answer. */
  readonly token: string;
  readonly expiresAt: Date;
}

export interface ConsentModel {
  readonly scan: Watched<ScanView>;
  readonly requests: Watched<readonly WithId<ConsentRequest>[]>;
  /** How far it has come, as it was told last. */
  readonly standing: Watched<ConsentState>;
  /** Number of the last question about it; answers to earlier ones are out of date. */
  readonly asked: number;
  readonly links: readonly ConsentLink[];
  readonly attempts: Attempts;
}

export type ConsentEvent =
  | { readonly type: "scan"; readonly watched: Watched<ScanView> }
  | { readonly type: "requests"; readonly watched: Watched<readonly WithId<ConsentRequest>[]> }
  | { readonly type: "looking"; readonly asked: number }
  | {
      readonly type: "standing";
      readonly asked: number;
      readonly event: WatchEvent<ConsentState>;
    }
  | { readonly type: "links"; readonly questions: readonly ConsentQuestion[] }
  | AttemptEvent;

export const NO_CONSENT: ConsentModel = {
  scan: { state: "loading" },
  requests: { state: "loading" },
  standing: { state: "loading" },
  asked: 0,
  links: [],
  attempts: {},
};

export function reduceConsent(model: ConsentModel, event: ConsentEvent): ConsentModel {
  switch (event.type) {
    case "scan":
      return event.watched === model.scan ? model : { ...model, scan: event.watched };
    case "requests":
      return event.watched === model.requests ? model : { ...model, requests: event.watched };
    case "looking":
      return event.asked > model.asked ? { ...model, asked: event.asked } : model;
    case "standing": {
      if (event.asked !== model.asked) return model;
      const before = model.standing.state === "failed" ? NO_CONSENT.standing : model.standing;
      return { ...model, standing: reduceWatch(before, event.event) };
    }
    case "links":
      return { ...model, links: [...kept(model.links, event.questions), ...made(event.questions)] };
    default: {
      const attempts = reduceAttempts(model.attempts, event);
      return attempts === model.attempts ? model : { ...model, attempts };
    }
  }
}

/** A new link for a request takes the place of the one before. */
function kept(
  links: readonly ConsentLink[],
  questions: readonly ConsentQuestion[],
): readonly ConsentLink[] {
  const renewed = new Set(
    questions.flatMap(({ requestId, token }) => (token === null ? [] : [requestId])),
  );
  return links.filter(({ requestId }) => !renewed.has(requestId));
}

function made(questions: readonly ConsentQuestion[]): readonly ConsentLink[] {
  return questions.flatMap(({ requestId, token, expiresAt }) =>
    token === null ? [] : [{ requestId, token, expiresAt: new Date(expiresAt) }],
  );
}

export function consentLeft(model: ConsentModel): ConsentModel {
  return { ...model, attempts: attemptsLeft(model.attempts) };
}

/**
 * What the standing depends on, as one word; null while there is no verdict. When it changes the
 * standing has to be asked for again.
 */
export function dependsOn({ scan, requests }: ConsentModel): string | null {
  if (scan.state !== "ready" || scan.value.state !== "finished") return null;
  if (requests.state !== "ready") return null;
  const answers = requests.value.map(({ id, status }) => [id, status ?? "pending"]);
  return JSON.stringify([scan.value.outcome, answers]);
}

export type ConsentView =
  /** The people in it are not counted yet. One's own word counts already. */
  | { readonly state: "scanning" }
  | {
      readonly state: "ready";
      readonly consent: ConsentState;
      readonly requests: readonly WithId<ConsentRequest>[];
      /** Made here; nobody can read them again later. */
      readonly links: readonly ConsentLink[];
    };

/** Three sources in one: a failure of any is one, and all have to be there. */
export function viewConsent({
  scan,
  requests,
  standing,
  links,
}: ConsentModel): Watched<ConsentView> {
  if (scan.state !== "ready") return scan;
  if (scan.value.state === "scanning") return { state: "ready", value: { state: "scanning" } };
  if (requests.state !== "ready") return requests;
  if (standing.state !== "ready") return standing;
  return {
    state: "ready",
    value: { state: "ready", consent: standing.value, requests: requests.value, links },
  };
}
