import type { ConsentRequest, ConsentResponse, WithId } from "../types/index.js";
import {
  attemptOf,
  attemptsLeft,
  reduceAttempts,
  type Attempt,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import type { Watched } from "./watch-machine.js";

/** What came of an answer: the backend's words, kept for a connection, or taken back. */
export type Answered =
  | { readonly how: "sent"; readonly response: ConsentResponse }
  | { readonly how: "queued" }
  | { readonly how: "withdrawn" };

export interface RequestsModel {
  readonly watched: Watched<readonly WithId<ConsentRequest>[]>;
  /** By the request's id. */
  readonly attempts: Attempts<Answered>;
}

export type RequestsEvent =
  | { readonly type: "requests"; readonly watched: Watched<readonly WithId<ConsentRequest>[]> }
  | AttemptEvent<Answered>;

export const NO_REQUESTS: RequestsModel = { watched: { state: "loading" }, attempts: {} };

export function reduceRequests(model: RequestsModel, event: RequestsEvent): RequestsModel {
  if (event.type === "requests") {
    return event.watched === model.watched ? model : { ...model, watched: event.watched };
  }
  const attempts = reduceAttempts(model.attempts, event);
  return attempts === model.attempts ? model : { ...model, attempts };
}

export function requestsLeft(model: RequestsModel): RequestsModel {
  return { ...model, attempts: attemptsLeft(model.attempts) };
}

export interface AskedOfMe {
  readonly request: WithId<ConsentRequest>;
  /** How the answer given here stands. */
  readonly answer: Attempt<Answered>;
}

export interface RequestsView {
  readonly state: "ready";
  /** The newest first. */
  readonly pending: readonly AskedOfMe[];
  /** Answered, expired or cancelled; the newest first. */
  readonly settled: readonly AskedOfMe[];
}

export function viewRequests(
  { attempts }: Pick<RequestsModel, "attempts">,
  requests: readonly WithId<ConsentRequest>[],
): RequestsView {
  const asked = [...requests]
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .map((request) => ({ request, answer: attemptOf(attempts, request.id) }));
  // A request without a status is one that nobody has answered.
  const isPending = ({ request }: AskedOfMe) => (request.status ?? "pending") === "pending";
  return {
    state: "ready",
    pending: asked.filter(isPending),
    settled: asked.filter((each) => !isPending(each)),
  };
}
