import { useMemo } from "react";

import type {
  Asked,
  ConsentQuestion,
  ConsentRequest,
  ConsentState,
  MediaIntegrityClient,
  WithId,
} from "../types/index.js";
import { attempt, IGNORED, noValue, type Result } from "./attempting.js";
import { attemptOf, type Attempt } from "./attempts-machine.js";
import {
  consentLeft,
  dependsOn,
  NO_CONSENT,
  reduceConsent,
  viewConsent,
  type ConsentAction,
  type ConsentEvent,
  type ConsentModel,
  type ConsentView,
} from "./consent-machine.js";
import { failureOf } from "./failure.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { sharedWatch } from "./shared-watch.js";
import { createStore, type Life } from "./store.js";
import { scanWatch } from "./use-scan.js";
import { IDLE, settled, type Idle, type NotReady } from "./watched.js";

export const askedWatch = sharedWatch<readonly WithId<ConsentRequest>[]>(
  (client, jobId, next, fail) => client.watchConsentOfUpload(jobId, next, fail),
);

export interface UseConsent {
  readonly consent: Idle | NotReady | ConsentView;
  readonly actions: Readonly<Record<ConsentAction, Attempt>>;
  /** "I am the one in it." Counts before the verdict too. */
  readonly confirmSelf: () => Promise<Result<ConsentState>>;
  /** Asks accounts, makes links to pass on, renews a lost one; 1 to 20 people. */
  readonly ask: (people: readonly Asked[]) => Promise<Result<readonly ConsentQuestion[]>>;
  /** What the uploader says in the others' place. It is no consent; fails with the answer to it. */
  readonly offerStatement: (words: string) => Promise<Result<ConsentState>>;
  /** Takes one's own word back: what was published is taken down. */
  readonly withdraw: () => Promise<Result<void>>;
}

/**
 * The uploader's side of consent: how many people are in it, who has agreed, who is asked.
 *
 * @param jobId - null for none yet.
 *
 * @example
 * ```tsx
 * const { consent, confirmSelf, ask } = useConsent(jobId);
 * if (consent.state === "ready" && consent.consent.status === "awaiting") {
 *   return (
 *     <>
 *       <Text>{consent.consent.text}</Text>
 *       <Button title="It is me" onPress={confirmSelf} />
 *       <Button title="Ask by link" onPress={() => ask([{ link: true }])} />
 *       {consent.links.map((link) => <Share key={link.requestId} token={link.token} />)}
 *     </>
 *   );
 * }
 * ```
 */
export function useConsent(jobId: string | null): UseConsent {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId, jobId], () =>
    createConsentControl(client, userId, jobId),
  );
  const model = useStore(control.store);
  return useMemo(() => {
    const of = (action: ConsentAction) => attemptOf(model.attempts, action);
    const actions = {
      self: of("self"),
      statement: of("statement"),
      ask: of("ask"),
      withdraw: of("withdraw"),
    };
    const look = { user, watched: viewConsent(model), retry: control.retry };
    const consent = jobId === null ? IDLE : settled<ConsentView, ConsentView>(look, (view) => view);
    return { ...control.actions, consent, actions };
  }, [control, model, user, jobId]);
}

function createConsentControl(
  client: MediaIntegrityClient,
  userId: string | null,
  jobId: string | null,
) {
  const scan = userId === null || jobId === null ? null : scanWatch(client, userId, jobId);
  const asked = userId === null || jobId === null ? null : askedWatch(client, userId, jobId);
  let seen: string | null = null;

  const store = createStore<ConsentModel, ConsentEvent>({
    initial: NO_CONSENT,
    reduce: reduceConsent,
    open: (life) => {
      if (scan === null || asked === null) return () => undefined;
      seen = null;
      const tell = () => {
        life.send({ type: "scan", watched: scan.get() });
        life.send({ type: "requests", watched: asked.get() });
        const now = dependsOn(store.get());
        if (now === null || now === seen) return;
        seen = now;
        void look(life);
      };
      const stops = [scan.subscribe(tell), asked.subscribe(tell)];
      tell();
      return () => {
        for (const stop of stops) stop();
      };
    },
    left: consentLeft,
  });

  /** Asks how far it has come. Whatever was asked before is out of date from now on. */
  async function look(life: Life<ConsentEvent>): Promise<void> {
    if (jobId === null) return;
    const number = store.get().asked + 1;
    life.send({ type: "looking", asked: number });
    try {
      const value = await client.verifyConsent({ jobId, basis: "explicit" });
      life.send({ type: "standing", asked: number, event: { type: "value", value } });
    } catch (cause) {
      const error = failureOf(cause, client);
      life.send({ type: "standing", asked: number, event: { type: "failed", error } });
    }
  }

  async function run<T>(
    action: ConsentAction,
    act: (jobId: string, life: Life<ConsentEvent>) => Promise<T>,
  ): Promise<Result<T>> {
    if (userId === null || jobId === null) return IGNORED;
    const life = store.life();
    return attempt(
      client,
      store,
      ({ attempts }) => attempts,
      action,
      () => act(jobId, life),
      noValue,
    );
  }

  return {
    store,
    retry: () => {
      scan?.retry();
      asked?.retry();
      if (store.get().standing.state === "failed") void look(store.life());
    },
    actions: {
      confirmSelf: () =>
        run("self", async (jobId, life) => {
          const told = await client.verifyConsent({ jobId, basis: "self" });
          await look(life);
          return told;
        }),
      ask: (people: readonly Asked[]) =>
        run("ask", async (jobId, life) => {
          const questions = await client.requestConsent(jobId, people);
          life.send({ type: "links", questions });
          return questions;
        }),
      offerStatement: (statement: string) =>
        run("statement", (jobId) => client.verifyConsent({ jobId, basis: "explicit", statement })),
      withdraw: () =>
        run("withdraw", async (jobId, life) => {
          await client.withdrawConsent({ jobId });
          await look(life);
        }),
    },
  };
}
