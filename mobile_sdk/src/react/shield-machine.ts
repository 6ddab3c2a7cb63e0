import type { Shield, WithId } from "../types/index.js";
import {
  attemptsLeft,
  reduceAttempts,
  type AttemptEvent,
  type Attempts,
} from "./attempts-machine.js";
import type { Watched } from "./watch-machine.js";

/** What one can do with a shield. Each has a state of its own. */
export type ShieldAction =
  | "create"
  | "update"
  | "pause"
  | "resume"
  | "delete"
  | "addReference"
  | "removeReference"
  | "submitHashes"
  | "withdrawHashes";

export interface ShieldModel {
  readonly watched: Watched<readonly WithId<Shield>[]>;
  readonly attempts: Attempts;
  /** Made a moment ago and not seen yet. */
  readonly expected: string | null;
}

export type ShieldEvent =
  | { readonly type: "shields"; readonly watched: Watched<readonly WithId<Shield>[]> }
  | { readonly type: "created"; readonly shieldId: string }
  | AttemptEvent;

export const NO_SHIELD: ShieldModel = {
  watched: { state: "loading" },
  attempts: {},
  expected: null,
};

export function reduceShield(model: ShieldModel, event: ShieldEvent): ShieldModel {
  switch (event.type) {
    case "shields": {
      const { watched } = event;
      if (watched === model.watched) return model;
      const isSeen =
        watched.state === "failed" ||
        (watched.state === "ready" && watched.value.some(({ id }) => id === model.expected));
      return { ...model, watched, expected: isSeen ? null : model.expected };
    }
    case "created":
      return has(model, event.shieldId) ? model : { ...model, expected: event.shieldId };
    default: {
      const attempts = reduceAttempts(model.attempts, event);
      return attempts === model.attempts ? model : { ...model, attempts };
    }
  }
}

export function shieldLeft(model: ShieldModel): ShieldModel {
  return { ...model, attempts: attemptsLeft(model.attempts), expected: null };
}

function has({ watched }: ShieldModel, shieldId: string): boolean {
  return watched.state === "ready" && watched.value.some(({ id }) => id === shieldId);
}

export type ShieldView =
  | { readonly state: "none" }
  /** Made; about to be shown. */
  | { readonly state: "loading" }
  | {
      readonly state: "one";
      readonly shield: WithId<Shield>;
      /** Further ones of the same person, such as a child's. */
      readonly others: readonly WithId<Shield>[];
    };

/** The one asked for, or the first that was made. */
export function viewShield(
  { expected }: Pick<ShieldModel, "expected">,
  shields: readonly WithId<Shield>[],
  shieldId: string | null,
): ShieldView {
  if (expected !== null) return { state: "loading" };
  const kept = shields.filter(({ status }) => status !== "deleted");
  const [first] = [...kept].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const shield = shieldId === null ? first : kept.find(({ id }) => id === shieldId);
  if (shield === undefined) return { state: "none" };
  return { state: "one", shield, others: kept.filter((each) => each !== shield) };
}
