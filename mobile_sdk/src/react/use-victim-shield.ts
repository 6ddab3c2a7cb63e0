import { useMemo } from "react";

import type {
  MediaIntegrityClient,
  MediaSource,
  OwnShield,
  PersonalHashOutcome,
  Shield,
  ShieldInput,
  WithId,
} from "../types/index.js";
import { attempt, IGNORED, noValue, type Result } from "./attempting.js";
import { attemptOf, type Attempt } from "./attempts-machine.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { sharedWatch } from "./shared-watch.js";
import {
  NO_SHIELD,
  reduceShield,
  shieldLeft,
  viewShield,
  type ShieldAction,
  type ShieldEvent,
  type ShieldModel,
  type ShieldView,
} from "./shield-machine.js";
import { createStore } from "./store.js";
import { settled, type NotReady } from "./watched.js";

export const shieldsWatch = sharedWatch<readonly WithId<Shield>[]>((client, _, next, fail) =>
  client.watchShields(next, fail),
);

export interface UseVictimShield {
  readonly shield: NotReady | ShieldView;
  /** How each action stands; its button shows it. */
  readonly actions: Readonly<Record<ShieldAction, Attempt>>;
  readonly create: (input: ShieldInput) => Promise<Result<OwnShield>>;
  /** This and the following are ignored where there is no shield. */
  readonly update: (input: Partial<ShieldInput>) => Promise<Result<OwnShield>>;
  readonly pause: () => Promise<Result<OwnShield>>;
  readonly resume: () => Promise<Result<OwnShield>>;
  /** For good: templates and hashes are destroyed at once. */
  readonly remove: () => Promise<Result<OwnShield>>;
  /** A picture or recording of oneself, up to 8 MiB; the bytes are forgotten. */
  readonly addReference: (source: MediaSource) => Promise<Result<{ readonly referenceId: string }>>;
  readonly removeReference: (referenceId: string) => Promise<Result<void>>;
  /** Pictures that never leave the device; their hashes do. */
  readonly submitHashes: (
    sources: readonly MediaSource[],
  ) => Promise<Result<readonly PersonalHashOutcome[]>>;
  readonly withdrawHashes: (sources: readonly MediaSource[]) => Promise<Result<number>>;
  /** Puts away what an action said last. */
  readonly dismiss: (action: ShieldAction) => void;
}

/**
 * One's own shield. Most people have one; `shieldId` picks another.
 *
 * @example
 * ```tsx
 * const { shield, actions, create, addReference } = useVictimShield();
 *
 * if (shield.state === "none") {
 *   return (
 *     <Button
 *       disabled={actions.create.state === "busy"}
 *       onPress={() => create({ level: "standard" })}
 *     />
 *   );
 * }
 * if (shield.state === "one") return <Text>{shield.shield.statistics?.mediaBlocked}</Text>;
 * ```
 */
export function useVictimShield({
  shieldId = null,
}: { readonly shieldId?: string | null } = {}): UseVictimShield {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId, shieldId], () =>
    createShieldControl(client, userId, shieldId),
  );
  const model = useStore(control.store);
  const actions = useMemo(() => attemptsByAction(model), [model]);
  return useMemo(() => {
    const look = { user, watched: model.watched, retry: control.retry };
    return {
      ...control.actions,
      shield: settled(look, (shields) => viewShield(model, shields, shieldId)),
      actions,
    };
  }, [control, model, user, shieldId, actions]);
}

function attemptsByAction({ attempts }: ShieldModel): Readonly<Record<ShieldAction, Attempt>> {
  const of = (action: ShieldAction) => attemptOf(attempts, action);
  return {
    create: of("create"),
    update: of("update"),
    pause: of("pause"),
    resume: of("resume"),
    delete: of("delete"),
    addReference: of("addReference"),
    removeReference: of("removeReference"),
    submitHashes: of("submitHashes"),
    withdrawHashes: of("withdrawHashes"),
  };
}

function createShieldControl(
  client: MediaIntegrityClient,
  userId: string | null,
  shieldId: string | null,
) {
  const watch = userId === null ? null : shieldsWatch(client, userId);
  const store = createStore<ShieldModel, ShieldEvent>({
    initial: NO_SHIELD,
    reduce: reduceShield,
    open: (life) => {
      if (watch === null) return () => undefined;
      const tell = () => life.send({ type: "shields", watched: watch.get() });
      const stop = watch.subscribe(tell);
      tell();
      return stop;
    },
    left: shieldLeft,
  });

  const run = <T>(action: ShieldAction, act: () => Promise<T>): Promise<Result<T>> =>
    attempt(client, store, ({ attempts }) => attempts, action, act, noValue);

  /** For the shield that is shown now. */
  async function onShield<T>(
    action: ShieldAction,
    act: (shieldId: string) => Promise<T>,
  ): Promise<Result<T>> {
    const model = store.get();
    if (model.watched.state !== "ready") return IGNORED;
    const view = viewShield(model, model.watched.value, shieldId);
    return view.state === "one" ? run(action, () => act(view.shield.id)) : IGNORED;
  }

  async function create(input: ShieldInput): Promise<Result<OwnShield>> {
    if (userId === null || store.get().expected !== null) return IGNORED;
    const life = store.life();
    return run("create", async () => {
      const made = await client.createVictimShield(input);
      life.send({ type: "created", shieldId: made.shieldId });
      return made;
    });
  }

  return {
    store,
    retry: () => watch?.retry(),
    actions: {
      create,
      update: (input: Partial<ShieldInput>) =>
        onShield("update", (id) => client.updateVictimShield(id, input)),
      pause: () => onShield("pause", (id) => client.pauseVictimShield(id)),
      resume: () => onShield("resume", (id) => client.resumeVictimShield(id)),
      remove: () => onShield("delete", (id) => client.deleteVictimShield(id)),
      addReference: (source: MediaSource) =>
        onShield("addReference", (id) => client.addShieldReference(id, source)),
      removeReference: (referenceId: string) =>
        onShield("removeReference", (id) => client.removeShieldReference(id, referenceId)),
      submitHashes: (sources: readonly MediaSource[]) =>
        onShield("submitHashes", (id) => client.submitPersonalHashes(id, sources)),
      withdrawHashes: (sources: readonly MediaSource[]) =>
        onShield("withdrawHashes", (id) => client.withdrawPersonalHashes(id, sources)),
      dismiss: (action: ShieldAction) => store.send({ type: "dismissed", name: action }),
    },
  };
}
