import { useMemo } from "react";

import type {
  ConsentAnswer,
  ConsentResponse,
  MediaIntegrityClient,
  OpenedConsentLink,
  Sent,
} from "../types/index.js";
import { attempt, IGNORED, type Result } from "./attempting.js";
import { attemptOf, type Attempt } from "./attempts-machine.js";
import {
  linkLeft,
  reduceLink,
  UNOPENED,
  type LinkEvent,
  type LinkModel,
} from "./consent-link-machine.js";
import type { Answered } from "./consent-requests-machine.js";
import { failureOf } from "./failure.js";
import { useKeyed, useStore } from "./keyed.js";
import { useClient } from "./provider.js";
import { createStore, type Life } from "./store.js";
import { IDLE, type Idle, type NotReady } from "./watched.js";

/** Nobody has to be signed in for a link. */
export type ConsentLinkView =
  | Idle
  | Exclude<NotReady, { readonly state: "signed-out" }>
  | { readonly state: "open"; readonly link: OpenedConsentLink };

export interface UseConsentLink {
  readonly link: ConsentLinkView;
  readonly answering: Attempt<Answered>;
  readonly answer: (answer: ConsentAnswer) => Promise<Result<Sent<ConsentResponse>>>;
  /** Takes a yes back that was given by this link. */
  readonly withdraw: () => Promise<Result<void>>;
}

/**
 * The page behind a link by which somebody is asked who may have no account here.
 *
 * @param token - out of the link; null for none.
 *
 * @example
 * ```tsx
 * const { link, answer } = useConsentLink(token);
 * if (link.state === "open" && link.link.status === "pending") {
 *   return <Button title="No" onPress={() => answer("refuse")} />;
 * }
 * ```
 */
export function useConsentLink(token: string | null): UseConsentLink {
  const client = useClient();
  const control = useKeyed([client, token], () => createLinkControl(client, token));
  const model = useStore(control.store);
  return useMemo(
    () => ({
      link: viewLink(token, model, control.retry),
      answering: attemptOf(model.attempts, ANSWER),
      answer: control.answer,
      withdraw: control.withdraw,
    }),
    [token, model, control],
  );
}

const ANSWER = "answer";

function viewLink(token: string | null, { opened }: LinkModel, retry: () => void): ConsentLinkView {
  if (token === null) return IDLE;
  switch (opened.state) {
    case "loading":
      return opened;
    case "failed":
      return { ...opened, retry };
    case "ready":
      return { state: "open", link: opened.value };
  }
}

function createLinkControl(client: MediaIntegrityClient, token: string | null) {
  const store = createStore<LinkModel, LinkEvent>({
    initial: UNOPENED,
    reduce: reduceLink,
    open: (life) => {
      void open(life);
      return () => undefined;
    },
    left: linkLeft,
  });

  async function open(life: Life<LinkEvent>): Promise<void> {
    if (token === null) return;
    try {
      life.send({ type: "opened", link: await client.openConsentLink(token) });
    } catch (cause) {
      life.send({ type: "unopened", error: failureOf(cause, client) });
    }
  }

  async function run<T>(
    act: (token: string) => Promise<T>,
    valueOf: (value: T) => Answered,
  ): Promise<Result<T>> {
    if (token === null || store.get().opened.state !== "ready") return IGNORED;
    const life = store.life();
    return attempt(
      client,
      store,
      ({ attempts }) => attempts,
      ANSWER,
      async () => {
        const value = await act(token);
        // Its status has changed; the preview is gone.
        await open(life);
        return value;
      },
      valueOf,
    );
  }

  return {
    store,
    retry: () => {
      store.send({ type: "again" });
      void open(store.life());
    },
    answer: (answer: ConsentAnswer) =>
      run<Sent<ConsentResponse>>(
        (token) => client.respondToConsent({ token }, answer),
        (sent) => (sent.sent ? { how: "sent", response: sent.answer } : { how: "queued" }),
      ),
    withdraw: () =>
      run(
        (token) => client.withdrawConsent({ token }),
        () => ({ how: "withdrawn" }),
      ),
  };
}
