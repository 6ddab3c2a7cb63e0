import { useMemo } from "react";

import type {
  ConsentAnswer,
  ConsentRequest,
  ConsentResponse,
  MediaIntegrityClient,
  Sent,
  WithId,
} from "../types/index.js";
import { attempt, IGNORED, type Result } from "./attempting.js";
import {
  NO_REQUESTS,
  reduceRequests,
  requestsLeft,
  viewRequests,
  type Answered,
  type RequestsEvent,
  type RequestsModel,
  type RequestsView,
} from "./consent-requests-machine.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { sharedWatch } from "./shared-watch.js";
import { createStore } from "./store.js";
import { settled, type NotReady } from "./watched.js";

export const consentRequestsWatch = sharedWatch<readonly WithId<ConsentRequest>[]>(
  (client, _, next, fail) => client.watchConsentRequests(next, fail),
);

export interface UseConsentRequests {
  readonly requests: NotReady | RequestsView;
  /** `take_back` is for a refusal. Kept until there is a connection where there is none. */
  readonly answer: (
    requestId: string,
    answer: ConsentAnswer,
  ) => Promise<Result<Sent<ConsentResponse>>>;
  /** Takes a yes back: what rested on it is taken down. */
  readonly withdraw: (requestId: string) => Promise<Result<void>>;
}

/**
 * What others want to publish of this person: those without an answer first.
 *
 * @example
 * ```tsx
 * const { requests, answer } = useConsentRequests();
 * if (requests.state === "ready") {
 *   return requests.pending.map(({ request, answer: mine }) => (
 *     <Card key={request.id} busy={mine.state === "busy"}>
 *       <Button title="Yes" onPress={() => answer(request.id, "confirm")} />
 *       <Button title="No" onPress={() => answer(request.id, "refuse")} />
 *     </Card>
 *   ));
 * }
 * ```
 */
export function useConsentRequests(): UseConsentRequests {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId], () => createControl(client, userId));
  const model = useStore(control.store);
  return useMemo(() => {
    const look = { user, watched: model.watched, retry: control.retry };
    return {
      requests: settled(look, (requests) => viewRequests(model, requests)),
      answer: control.answer,
      withdraw: control.withdraw,
    };
  }, [control, model, user]);
}

function createControl(client: MediaIntegrityClient, userId: string | null) {
  const watch = userId === null ? null : consentRequestsWatch(client, userId);
  const store = createStore<RequestsModel, RequestsEvent>({
    initial: NO_REQUESTS,
    reduce: reduceRequests,
    open: (life) => {
      if (watch === null) return () => undefined;
      const tell = () => life.send({ type: "requests", watched: watch.get() });
      const stop = watch.subscribe(tell);
      tell();
      return stop;
    },
    left: requestsLeft,
  });

  const find = (requestId: string) => {
    const { watched } = store.get();
    return watched.state === "ready" ? watched.value.find(({ id }) => id === requestId) : undefined;
  };

  return {
    store,
    retry: () => watch?.retry(),
    answer: async (
      requestId: string,
      answer: ConsentAnswer,
    ): Promise<Result<Sent<ConsentResponse>>> =>
      find(requestId) === undefined
        ? IGNORED
        : attempt(
            client,
            store,
            ({ attempts }) => attempts,
            requestId,
            () => client.respondToConsent({ requestId }, answer),
            (sent): Answered =>
              sent.sent ? { how: "sent", response: sent.answer } : { how: "queued" },
          ),
    withdraw: async (requestId: string): Promise<Result<void>> => {
      const request = find(requestId);
      if (request === undefined) return IGNORED;
      return attempt(
        client,
        store,
        ({ attempts }) => attempts,
        requestId,
        () => client.withdrawConsent({ jobId: request.jobId }),
        (): Answered => ({ how: "withdrawn" }),
      );
    },
  };
}
