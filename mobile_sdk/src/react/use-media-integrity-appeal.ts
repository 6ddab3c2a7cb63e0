import { useMemo } from "react";

import type { AppealReason, MediaIntegrityClient, MediaSource } from "../types/index.js";
import {
  appealLeft,
  EMPTY_APPEAL,
  maySubmit,
  NEW_APPEAL,
  reduceAppeal,
  viewAppeal,
  type AppealDraft,
  type AppealEvent,
  type AppealModel,
  type AppealView,
} from "./appeal-machine.js";
import { IGNORED, type Result } from "./attempting.js";
import { failureOf } from "./failure.js";
import { useKeyed, useStore } from "./keyed.js";
import { useSession } from "./session.js";
import { createStore } from "./store.js";
import { caseWatch } from "./use-case.js";
import { IDLE, settled, type Idle, type NotReady } from "./watched.js";

export interface UseMediaIntegrityAppeal {
  readonly appeal: Idle | NotReady | AppealView;
  readonly setReason: (reason: AppealReason) => void;
  readonly setText: (text: string) => void;
  readonly addFiles: (files: readonly MediaSource[]) => void;
  readonly removeFile: (file: MediaSource) => void;
  /** Sends the draft, or keeps it until there is a connection. Ignored while it has problems. */
  readonly submit: () => Promise<Result<"sent" | "queued">>;
}

/**
 * The one appeal that a case can have: its draft, its way to the backend, and what becomes of it.
 *
 * @param caseId - null for none yet.
 *
 * @example
 * ```tsx
 * const { appeal, setReason, setText, submit } = useMediaIntegrityAppeal(caseId);
 *
 * if (appeal.state === "drafting") {
 *   return (
 *     <>
 *       <TextInput value={appeal.draft.text} onChangeText={setText} />
 *       <Text>{appeal.check.missing} more characters</Text>
 *       <Button disabled={appeal.check.problems.length > 0} onPress={submit} />
 *     </>
 *   );
 * }
 * ```
 */
export function useMediaIntegrityAppeal(caseId: string | null): UseMediaIntegrityAppeal {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId, caseId], () =>
    createAppealControl(client, userId, caseId),
  );
  const model = useStore(control.store);
  return useMemo(() => {
    const { actions, retry } = control;
    if (caseId === null) return { appeal: IDLE, ...actions };
    const look = { user, watched: model.watched, retry };
    return { appeal: settled(look, (found) => viewAppeal(model, found)), ...actions };
  }, [caseId, control, model, user]);
}

/**
 * Drafts that wait in the queue, by account and case, for as long as the app runs: one that is
 * refused later is a draft again, with its words, whichever component shows it then.
 */
const queuedDrafts = new WeakMap<MediaIntegrityClient, Map<string, AppealDraft>>();

function draftsOf(client: MediaIntegrityClient): Map<string, AppealDraft> {
  const known = queuedDrafts.get(client);
  if (known !== undefined) return known;
  const made = new Map<string, AppealDraft>();
  queuedDrafts.set(client, made);
  return made;
}

function createAppealControl(
  client: MediaIntegrityClient,
  userId: string | null,
  caseId: string | null,
) {
  const watch = userId === null || caseId === null ? null : caseWatch(client, userId, caseId);

  const drafts = draftsOf(client);
  const key = `${userId ?? ""}/${caseId ?? ""}`;

  function queuedAt(): Date | null {
    const queued = client
      .queue()
      .find((action) => action.kind === "appeal" && action.caseId === caseId);
    return queued?.queuedAt ?? null;
  }

  const store = createStore<AppealModel, AppealEvent>({
    initial: { ...NEW_APPEAL, draft: drafts.get(key) ?? EMPTY_APPEAL },
    reduce: reduceAppeal,
    open: (life) => {
      if (watch === null) return () => undefined;
      const tellCase = () => {
        const watched = watch.get();
        // It has arrived: its words are not needed again.
        if (watched.state === "ready" && watched.value?.appeal) drafts.delete(key);
        life.send({ type: "case", watched });
      };
      const tellQueue = () => life.send({ type: "queue", queuedAt: queuedAt() });
      const stopCase = watch.subscribe(tellCase);
      const stopQueue = client.onQueue(tellQueue);
      tellCase();
      tellQueue();
      return () => {
        stopCase();
        stopQueue();
      };
    },
    left: appealLeft,
  });

  async function submit(): Promise<Result<"sent" | "queued">> {
    const life = store.life();
    const { draft } = store.get();
    if (life.over() || caseId === null || draft.reason === null || !maySubmit(store.get())) {
      return IGNORED;
    }
    life.send({ type: "submitted" });
    drafts.delete(key);
    try {
      const answer = await client.submitAppeal({
        caseId,
        reason: draft.reason,
        explanation: draft.text.trim(),
        files: draft.files,
      });
      if (answer.sent) {
        life.send({ type: "sent" });
        return { result: "done", value: "sent" };
      }
      drafts.set(key, draft);
      life.send({ type: "queue", queuedAt: answer.queued.queuedAt });
      // It may have left the queue before this was told.
      life.send({ type: "queue", queuedAt: queuedAt() });
      return { result: "done", value: "queued" };
    } catch (cause) {
      const error = failureOf(cause, client);
      life.send({ type: "failed", error });
      return { result: "failed", error };
    }
  }

  return {
    store,
    retry: () => watch?.retry(),
    actions: {
      submit,
      setReason: (reason: AppealReason) => store.send({ type: "edited", draft: { reason } }),
      setText: (text: string) => store.send({ type: "edited", draft: { text } }),
      addFiles: (files: readonly MediaSource[]) =>
        store.send({
          type: "edited",
          draft: { files: [...store.get().draft.files, ...files] },
        }),
      removeFile: (file: MediaSource) =>
        store.send({
          type: "edited",
          draft: { files: store.get().draft.files.filter((each) => each !== file) },
        }),
    },
  };
}
