/**
 * Actions that wait for a connection.
 *
 * An action is tried at once. Only where there is no connection is it stored, for the account that
 * asked for it, and done later: in order where two concern the same thing, once each, and never by
 * another account. What is stored can hold words of the user, a link's token, a name: apps should
 * give a store that the phone encrypts. It is removed as soon as it is sent, or refused for good.
 */

import type { ClientEvent, QueuedAction, Sent } from "../types/client.js";
import type { ErrorCode } from "../types/errors.js";
import type {
  AnsweredShieldMatch,
  ConsentResponse,
  SubmittedReport,
} from "../types/generated/messages.js";
import type {
  Connectivity,
  FileOpener,
  KeyValueStore,
  OpenFile,
  Unsubscribe,
} from "../types/port.js";
import {
  type Action,
  type KeptAction,
  type KeptFile,
  parseActions,
  replaces,
  shown,
  subjectOf,
} from "./actions.js";
import type { MediaIntegrityError } from "./errors.js";
import type { Faults } from "./faults.js";
import { randomId } from "./ids.js";
import type { Session } from "./session.js";

export type Kind = Action<unknown>["kind"];

export type ActionOf<K extends Kind, F> = Extract<Action<F>, { readonly kind: K }>;

/** What each action brings back. */
export interface Results {
  readonly appeal: undefined;
  readonly "consent-answer": ConsentResponse;
  readonly report: SubmittedReport;
  readonly "shield-answer": AnsweredShieldMatch;
  readonly read: undefined;
}

/** A file that goes with an action, and how it is opened; null where it is not there any more. */
export interface AttachedFile {
  readonly path: string;
  readonly type: string;
  open(): Promise<OpenFile | null>;
}

export interface GivenFile extends AttachedFile {
  /** The word by which it is found after a restart; null where that cannot be. */
  bookmark(): Promise<string | null>;
}

/** Does one action. `stillTheirs` throws where somebody else is signed in by now. */
export type Performers = {
  readonly [K in Kind]: (
    action: ActionOf<K, AttachedFile>,
    stillTheirs: () => void,
  ) => Promise<Results[K]>;
};

export interface Queue {
  submit<K extends Kind>(action: ActionOf<K, GivenFile>): Promise<Sent<Results[K]>>;
  list(): readonly QueuedAction[];
  onChange(listener: (actions: readonly QueuedAction[]) => void): Unsubscribe;
  close(): void;
}

export interface QueueParts {
  readonly session: Session;
  readonly store: KeyValueStore;
  readonly connectivity: Connectivity;
  readonly files: FileOpener;
  readonly performers: Performers;
  readonly faults: Faults;
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A fault of the backend's is given up after so many tries, within some minutes. */
const MOST_FAULTS = 8;
/** Nothing waits longer than this; uploads wait less. */
export const OLDEST_MS = 30 * 86_400_000;

/** Where the actions of an account lie; of nobody's, an answer by a link. */
export function queueKey(userId: string | null): string {
  return `media-integrity/queue/${userId ?? ""}`;
}

export function createQueue(parts: QueueParts): Queue {
  const { session, store, connectivity, files, performers, faults, onEvent } = parts;
  const listeners = new Set<(actions: readonly QueuedAction[]) => void>();
  const notBefore = new Map<string, number>();
  let owner: string | null | undefined;
  let loading: Promise<void> = Promise.resolve();
  let kept: readonly KeptAction[] = [];
  /** Nobody's answers by a link, while somebody is signed in: the link says who answers. */
  let links: readonly KeptAction[] = [];
  /** What the store did not take: it is done in this run, and lost with it. */
  const unstored = new Map<string | null, readonly KeptAction[]>();
  let snapshot: readonly QueuedAction[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  const atWork = new Map<string, Promise<unknown>>();
  let inFlight: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isBusy = false;
  let isClosed = false;

  function set(actions: readonly KeptAction[]): void {
    kept = actions;
    snapshot = actions.map(shown);
    for (const listener of [...listeners]) listener(snapshot);
  }

  async function stored(key: string | null): Promise<readonly KeptAction[]> {
    return parseActions(await store.getItem(queueKey(key)));
  }

  /** All that waits under a key: what was read of the store, and what it did not take. */
  function withUnstored(key: string | null, inStore: readonly KeptAction[]): readonly KeptAction[] {
    const newer = new Map((unstored.get(key) ?? []).map((each) => [each.id, each]));
    const found = inStore.map((each) => newer.get(each.id) ?? each);
    return [...found, ...[...newer.values()].filter((each) => !found.includes(each))];
  }

  /** What this run knows without the store. */
  function remembered(key: string | null): readonly KeptAction[] {
    if (key === owner) return kept;
    return key === null ? links : (unstored.get(key) ?? []);
  }

  /** Nobody's come first: they are the older ones. */
  function known(): readonly KeptAction[] {
    return [...links, ...kept];
  }

  function load(userId: string | null): Promise<void> {
    if (owner === userId) return loading;
    owner = userId;
    links = [];
    if (kept.length > 0) set([]);
    loading = loadAll(userId);
    return loading;
  }

  async function loadAll(userId: string | null): Promise<void> {
    const read = async (key: string | null) => {
      const inStore = await stored(key).catch(() => {
        faults.note(faults.of("internal", "store"));
        return [];
      });
      return withUnstored(key, inStore);
    };
    const theirs = await read(userId);
    const open = userId === null ? [] : (await read(null)).filter(isByLink);
    if (owner !== userId) return;
    links = open;
    if (theirs.length > 0) set(theirs);
    schedule();
  }

  /** As it is now under a key, where that concerns who is signed in. */
  function follow(key: string | null, actions: readonly KeptAction[]): void {
    if (key === owner) set(actions);
    else if (key === null) links = actions.filter(isByLink);
  }

  /** Reads before it writes: another tab, or another client of this app, writes there too. */
  function change(
    key: string | null,
    edit: (actions: readonly KeptAction[]) => readonly KeptAction[],
  ): Promise<void> {
    const done = writing.then(async () => {
      const inStore = await stored(key).catch(() => null);
      const before = inStore === null ? remembered(key) : withUnstored(key, inStore);
      const after = edit(before);
      try {
        // What cannot be read is not written over.
        if (inStore === null) throw faults.of("internal", "store");
        if (after.length === 0) await store.removeItem(queueKey(key));
        else await store.setItem(queueKey(key), JSON.stringify(after));
        unstored.delete(key);
      } catch {
        // A full store: it is still done in this run.
        faults.note(faults.of("internal", "store"));
        const missing = unstored.get(key) ?? [];
        const isStored = (each: KeptAction) =>
          inStore === null
            ? before.includes(each) && !missing.includes(each)
            : inStore.includes(each);
        unstored.set(
          key,
          after.filter((each) => !isStored(each)),
        );
      }
      follow(key, after);
    });
    writing = done;
    return done;
  }

  function perform<K extends Kind>(
    action: ActionOf<K, AttachedFile>,
    userId: string | null,
  ): Promise<Results[K]> {
    const stillTheirs = () => {
      if (!isTurnOf(action, userId)) throw faults.of("unauthenticated");
    };
    const kind: K = action.kind;
    return performers[kind](action, stillTheirs);
  }

  /** Whether what lies under a key may be sent by who is signed in now. */
  function isTurnOf(action: Action<unknown>, key: string | null): boolean {
    return session.userId() === key || (key === null && isByLink(action));
  }

  async function keep<K extends Kind>(
    action: ActionOf<K, GivenFile>,
    userId: string | null,
    because: MediaIntegrityError,
  ): Promise<KeptAction> {
    const bookmarks: KeptFile[] = [];
    for (const { path, type, bookmark } of "files" in action ? action.files : []) {
      const word = await bookmark();
      if (word === null) {
        // Without its files it would say something else.
        await forget(bookmarks);
        throw because;
      }
      bookmarks.push({ path, type, bookmark: word });
    }
    const entry = {
      ...action,
      ...("files" in action ? { files: bookmarks } : {}),
      id: randomId(),
      queuedAt: new Date().toISOString(),
      tries: 0,
    };
    const [made] = parseActions(JSON.stringify([entry]));
    if (made === undefined) throw faults.of("internal", "not_stored");
    const stays = (each: KeptAction) => each.id === inFlight || !replaces(made, each);
    if (!links.every(stays)) await change(null, (actions) => actions.filter(stays));
    await change(userId, (actions) => [...actions.filter(stays), made]);
    onEvent?.({ kind: "queued", action: made.kind, id: made.id });
    return made;
  }

  async function remove(userId: string | null, action: KeptAction): Promise<void> {
    notBefore.delete(action.id);
    await change(userId, (actions) => actions.filter((each) => each.id !== action.id));
    if ("files" in action) await forget(action.files);
  }

  async function forget(bookmarks: readonly KeptFile[]): Promise<void> {
    for (const { bookmark } of bookmarks) {
      await files.forget?.(bookmark).catch(() => undefined);
    }
  }

  /** The first of each subject that may be tried now. */
  function heads(): readonly KeptAction[] {
    const seen = new Set<string>();
    return known().filter((each) => {
      const subject = subjectOf(each);
      return !seen.has(subject) && seen.add(subject);
    });
  }

  function schedule(): void {
    clearTimeout(timer);
    if (isClosed || isBusy || known().length === 0 || !connectivity.online()) return;
    const times = heads().map((each) => notBefore.get(each.id) ?? 0);
    timer = setTimeout(() => void drain(), Math.max(0, Math.min(...times) - Date.now()));
  }

  async function drain(): Promise<void> {
    if (isBusy || isClosed) return;
    isBusy = true;
    try {
      while (!isClosed && connectivity.online()) {
        const userId = owner;
        const now = Date.now();
        const next = heads().find((each) => (notBefore.get(each.id) ?? 0) <= now);
        if (userId === undefined || next === undefined || session.userId() !== userId) break;
        inFlight = next.id;
        await attempt(next, links.includes(next) ? null : userId);
      }
    } finally {
      inFlight = null;
      isBusy = false;
      schedule();
    }
  }

  async function attempt(action: KeptAction, key: string | null): Promise<void> {
    try {
      const there = withUnstored(key, await stored(key));
      if (!there.some((each) => each.id === action.id)) {
        // Another tab has done it.
        follow(
          key,
          remembered(key).filter((each) => each.id !== action.id),
        );
        return;
      }
    } catch {
      // A store that cannot be read any more: what is known in this run is done all the same.
    }
    if (Date.now() - Date.parse(action.queuedAt) > OLDEST_MS) {
      return drop(key, action, faults.of("timeout", "too_old"));
    }
    try {
      await perform(attached(action, files), key);
    } catch (error) {
      const fault = faults.from(error);
      // Cut off by us: it is done in the next run, or when its account is there again.
      if (isClosed || !isTurnOf(action, key)) return;
      if (isFinal(fault, action.tries)) return drop(key, action, fault);
      notBefore.set(action.id, Date.now() + delayOf(action.tries, fault.retryAfterMs));
      await change(key, (actions) =>
        actions.map((each) => (each.id === action.id ? { ...each, tries: each.tries + 1 } : each)),
      );
      return;
    }
    await remove(key, action);
    onEvent?.({ kind: "sent", action: action.kind, id: action.id });
  }

  async function drop(
    userId: string | null,
    action: KeptAction,
    fault: MediaIntegrityError,
  ): Promise<void> {
    await remove(userId, action);
    const { code, reason } = fault;
    onEvent?.({ kind: "dropped", action: action.kind, id: action.id, code, reason });
  }

  async function submitNow<K extends Kind>(
    action: ActionOf<K, GivenFile>,
    subject: string,
  ): Promise<Sent<Results[K]>> {
    await session.known;
    const userId = session.userId();
    if (userId === null && !isByLink(action)) throw faults.of("unauthenticated");
    await load(userId);
    const isBehind = known().some((each) => subjectOf(each) === subject);
    if (isBehind && action.kind === "appeal") throw faults.of("conflict", "appeal_queued");
    let because = faults.of("offline");
    if (!isBehind && connectivity.online() && !isClosed) {
      try {
        return { sent: true, answer: await perform(action, userId) };
      } catch (error) {
        because = faults.from(error);
        if (!isConnection(because)) throw because;
      }
    }
    const made = await keep(action, userId, because);
    // Just tried in vain: not again at once.
    if (because.code !== "offline") notBefore.set(made.id, Date.now() + delayOf(0, null));
    schedule();
    return { sent: false, queued: shown(made) };
  }

  const stopFollowing = [
    session.onChange((userId) => void load(userId)),
    connectivity.onChange((isOnline) => {
      if (!isOnline) return;
      notBefore.clear();
      schedule();
    }),
  ];

  return {
    submit<K extends Kind>(action: ActionOf<K, GivenFile>): Promise<Sent<Results[K]>> {
      const subject = subjectOf(action);
      const before = atWork.get(subject) ?? Promise.resolve();
      const done = before.catch(() => undefined).then(() => submitNow(action, subject));
      atWork.set(subject, done);
      const tidy = () => atWork.get(subject) === done && atWork.delete(subject);
      done.then(tidy, tidy);
      return done;
    },
    list: () => snapshot,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      listeners.clear();
      for (const stop of stopFollowing) stop();
    },
  };
}

function attached(action: KeptAction, files: FileOpener): Action<AttachedFile> {
  if (!("files" in action)) return action;
  return {
    ...action,
    files: action.files.map(({ path, type, bookmark }) => ({
      path,
      type,
      open: () => files.reopen(bookmark),
    })),
  };
}

/** Whoever has the link answers, signed in or not. */
function isByLink(action: Action<unknown>): boolean {
  return action.kind === "consent-answer" && "token" in action.key;
}

/** The request may never have arrived, or its answer not: the same again does no harm. */
function isConnection({ code }: MediaIntegrityError): boolean {
  return CONNECTION.has(code);
}

/** Nobody cancels an action: Firestore calls a connection that breaks in mid-flight so. */
const CONNECTION: ReadonlySet<ErrorCode> = new Set([
  "offline",
  "unavailable",
  "timeout",
  "cancelled",
]);

/** Whether trying again cannot help. Signing in again can, and so can another version of the app. */
function isFinal(fault: MediaIntegrityError, tries: number): boolean {
  if (fault.code === "internal") return tries + 1 >= MOST_FAULTS;
  const canBeMended = fault.code === "unauthenticated" || fault.code === "app-check";
  return !fault.retryable && !canBeMended && !isConnection(fault);
}

function delayOf(tries: number, retryAfterMs: number | null): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
  // Phones that come back together should not ask together.
  return Math.max(retryAfterMs ?? 0, longest * (0.5 + Math.random() / 2));
}
