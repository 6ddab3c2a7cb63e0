import { useMemo } from "react";

import type {
  MediaIntegrityClient,
  MediaIntegrityErrorFields,
  Report,
  SubmittedReport,
  Takedown,
  WithId,
} from "../types/index.js";
import { attempt, IGNORED, noValue, type Result } from "./attempting.js";
import { attemptOf, type Attempt } from "./attempts-machine.js";
import { failureOf } from "./failure.js";
import { useKeyed, useStore } from "./keyed.js";
import {
  checkReport,
  inputOf,
  NEW_REPORT,
  reduceReport,
  reportLeft,
  WITHDRAW,
  type ReportCheck,
  type ReportDraft,
  type ReportEvent,
  type ReportModel,
} from "./report-machine.js";
import { useSession } from "./session.js";
import { sharedWatch } from "./shared-watch.js";
import { createStore } from "./store.js";
import { IDLE, settled, useWatch, type Idle, type NotReady } from "./watched.js";

export const reportsWatch = sharedWatch<readonly WithId<Report>[]>((client, _, next, fail) =>
  client.watchReports(next, fail),
);

export const takedownsWatch = sharedWatch<readonly WithId<Takedown>[]>(
  (client, reportId, next, fail) => client.watchTakedowns(reportId, next, fail),
);

export type Reports =
  NotReady | { readonly state: "ready"; readonly reports: readonly WithId<Report>[] };

export type Takedowns =
  | Idle
  | NotReady
  /** One for each medium, with its 48 hours. */
  | { readonly state: "ready"; readonly takedowns: readonly WithId<Takedown>[] };

export type ReportView =
  | { readonly state: "loading" | "signed-out" }
  | {
      readonly state: "drafting";
      readonly draft: ReportDraft;
      readonly check: ReportCheck;
      /** Why it could not be sent the last time. */
      readonly error: MediaIntegrityErrorFields | null;
    }
  | { readonly state: "submitting"; readonly draft: ReportDraft }
  /** Waits for a connection and goes on by itself, also after a restart. */
  | { readonly state: "queued"; readonly queuedAt: Date }
  /** No longer queued: among `useReports()` if it was accepted; else `editAgain`. */
  | { readonly state: "left-queue" }
  | {
      readonly state: "sent";
      readonly submitted: SubmittedReport;
      readonly takedowns: Takedowns;
      /** Taking it back. */
      readonly withdrawing: Attempt;
    };

export interface UseReport {
  readonly report: ReportView;
  /** Changes some fields of the draft. */
  readonly edit: (draft: Partial<ReportDraft>) => void;
  /** Sends the draft, or keeps it until there is a connection. Ignored while it has problems. */
  readonly submit: () => Promise<Result<"sent" | "queued">>;
  /** Asks for nothing more that was not asked for yet. */
  readonly withdraw: () => Promise<Result<void>>;
  readonly editAgain: () => void;
  /** A new, empty draft. */
  readonly reset: () => void;
}

/**
 * One report of abuse: its draft with the signed statement, its way, its takedowns.
 *
 * @example
 * ```tsx
 * const { report, edit, submit } = useReport();
 *
 * if (report.state === "drafting") {
 *   const media = [{ url: address }];
 *   return <Button onPress={() => { edit({ kind: "ncii", media }); void submit(); }} />;
 * }
 * if (report.state === "sent" && report.takedowns.state === "ready") {
 *   return report.takedowns.takedowns.map((each) => <Clock key={each.id} due={each.dueAt} />);
 * }
 * ```
 */
export function useReport(): UseReport {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId], () => createReportControl(client, userId));
  const model = useStore(control.store);
  const takedowns = useTakedowns(model.state === "sent" ? model.submitted.reportId : null);
  return useMemo(() => {
    const { actions } = control;
    if (user.state === "signed-out") return { report: SIGNED_OUT_REPORT, ...actions };
    if (user.state === "unknown") return { report: LOADING_REPORT, ...actions };
    return { report: viewReport(model, takedowns), ...actions };
  }, [control, model, takedowns, user]);
}

const SIGNED_OUT_REPORT: ReportView = { state: "signed-out" };
const LOADING_REPORT: ReportView = { state: "loading" };

function viewReport(model: ReportModel, takedowns: Takedowns): ReportView {
  switch (model.state) {
    case "drafting":
      return { ...model, check: checkReport(model.draft) };
    case "submitting":
      return model;
    case "queued":
      return { state: "queued", queuedAt: model.queuedAt };
    case "left-queue":
      return { state: "left-queue" };
    case "sent":
      return {
        state: "sent",
        submitted: model.submitted,
        takedowns,
        withdrawing: attemptOf(model.attempts, WITHDRAW),
      };
  }
}

function createReportControl(client: MediaIntegrityClient, userId: string | null) {
  const store = createStore<ReportModel, ReportEvent>({
    initial: NEW_REPORT,
    reduce: reduceReport,
    open: (life) => {
      const tell = () =>
        life.send({ type: "queue", actionIds: client.queue().map(({ id }) => id) });
      tell();
      return client.onQueue(tell);
    },
    left: reportLeft,
  });

  async function submit(): Promise<Result<"sent" | "queued">> {
    const life = store.life();
    const model = store.get();
    const input = model.state === "drafting" ? inputOf(model.draft) : null;
    if (life.over() || userId === null || input === null) return IGNORED;
    life.send({ type: "submitted" });
    try {
      const answer = await client.submitReport(input);
      if (answer.sent) {
        life.send({ type: "sent", submitted: answer.answer });
        return { result: "done", value: "sent" };
      }
      const { id, queuedAt } = answer.queued;
      life.send({ type: "queued", actionId: id, queuedAt });
      // It may have left the queue before this was told.
      life.send({ type: "queue", actionIds: client.queue().map((each) => each.id) });
      return { result: "done", value: "queued" };
    } catch (cause) {
      const error = failureOf(cause, client);
      life.send({ type: "failed", error });
      return { result: "failed", error };
    }
  }

  async function withdraw(): Promise<Result<void>> {
    const model = store.get();
    if (model.state !== "sent") return IGNORED;
    const { reportId } = model.submitted;
    return attempt(
      client,
      store,
      (model) => (model.state === "sent" ? model.attempts : {}),
      WITHDRAW,
      () => client.withdrawReport(reportId),
      noValue,
    );
  }

  return {
    store,
    actions: {
      submit,
      withdraw,
      edit: (draft: Partial<ReportDraft>) => store.send({ type: "edited", draft }),
      editAgain: () => store.send({ type: "edit-again" }),
      reset: () => store.send({ type: "reset" }),
    },
  };
}

/**
 * Reports that this person has made; the newest 50.
 *
 * @example
 * ```tsx
 * const mine = useReports();
 * if (mine.state === "ready") return <Text>{mine.reports.length} reports</Text>;
 * ```
 */
export function useReports(): Reports {
  const look = useWatch(reportsWatch, "");
  return useMemo((): Reports => settled(look, (reports) => ({ state: "ready", reports })), [look]);
}

/**
 * What became of a report's media, one by one.
 *
 * @param reportId - null for none yet.
 *
 * @example
 * ```tsx
 * const asked = useTakedowns(reportId);
 * if (asked.state === "ready") return <Text>{asked.takedowns.length} places</Text>;
 * ```
 */
export function useTakedowns(reportId: string | null): Takedowns {
  const look = useWatch(takedownsWatch, reportId);
  return useMemo((): Takedowns => {
    if (reportId === null) return IDLE;
    return settled(look, (takedowns) => ({ state: "ready", takedowns }));
  }, [look, reportId]);
}
