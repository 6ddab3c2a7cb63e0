import { useState, type ReactNode } from "react";

import type { Words } from "../i18n/words.js";
import type { AppealDraft, AppealProblem, AppealView } from "../react/appeal-machine.js";
import { LIMITS } from "../types/generated/functions.js";
import type { Appeal, AppealReason } from "../types/generated/documents.js";
import type { MediaSource } from "../types/port.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { RadioGroup, TextField } from "./parts/fields.js";
import { Files } from "./parts/files.js";
import { Card, Head, Screen, Stack } from "./parts/frame.js";
import { Notice, Steps, type Step } from "./parts/status.js";
import { Summary } from "./parts/summary.js";
import { Txt } from "./parts/text.js";

export interface AppealPortalViewProps {
  /** As `useMediaIntegrityAppeal` has it, once it is there. */
  readonly appeal: AppealView;
  readonly onReason: (reason: AppealReason) => void;
  readonly onText: (text: string) => void;
  /** Why choosing files failed, in plain words. */
  readonly pickingError?: string | null;
  /** Opens a picker; left out: no files can be added. */
  readonly onPickFiles?: () => void;
  readonly onRemoveFile: (file: MediaSource) => void;
  readonly onSubmit: () => void;
}

const REASONS: readonly AppealReason[] = [
  "not_synthetic",
  "consent_given",
  "mistaken_match",
  "art_or_parody",
];

/** The one appeal against a decision: its draft, where it stands, the answer. */
export function AppealPortalView(props: AppealPortalViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { appeal } = props;
  switch (appeal.state) {
    case "drafting":
      return (
        <Draft
          {...props}
          draft={appeal.draft}
          problems={appeal.check.problems}
          missing={appeal.check.missing}
          error={props.pickingError ?? appeal.error?.userMessage ?? null}
          until={appeal.until}
          busy={false}
        />
      );
    case "submitting":
      return (
        <Draft
          {...props}
          draft={appeal.draft}
          problems={[]}
          missing={0}
          error={null}
          until={null}
          busy
        />
      );
    case "absent":
    case "closed":
      return (
        <Screen testID="appeal-portal">
          <Head
            state={appeal.state}
            icon="info"
            tone="neutral"
            title={t("appeal.notPossible")}
            text={
              appeal.state === "closed" && appeal.until !== null
                ? t("appeal.over", { date: words.date(appeal.until) })
                : t("appeal.notPossibleText")
            }
          />
        </Screen>
      );
    case "queued":
      return (
        <Screen testID="appeal-portal">
          <Head
            state="queued"
            icon="clock"
            tone="accent"
            title={t("appeal.yours")}
            text={t("common.queued")}
          />
        </Screen>
      );
    case "sent":
      return (
        <Screen testID="appeal-portal">
          <Head
            state="sent"
            icon="check"
            tone="positive"
            title={words.codes.notifications.appeal_received.title}
            text={words.codes.appeals.pending.text}
          />
        </Screen>
      );
    case "waiting":
      return <Heard appeal={appeal.appeal} status="pending" />;
    case "in-review":
      return <Heard appeal={appeal.appeal} status="in_review" />;
    case "decided":
      return <Heard appeal={appeal.appeal} status={appeal.outcome} />;
  }
}

interface DraftProps extends AppealPortalViewProps {
  readonly draft: AppealDraft;
  readonly problems: readonly AppealProblem[];
  readonly missing: number;
  readonly error: string | null;
  readonly until: Date | null;
  readonly busy: boolean;
}

function Draft(props: DraftProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { draft, problems, busy, until } = props;
  // What is missing is said once somebody has tried to send it, not while they write.
  const [tries, setTries] = useState(0);
  const wrong = (problem: AppealProblem) => tries > 0 && problems.includes(problem);
  const submit = () => {
    if (problems.length > 0) setTries(tries + 1);
    else props.onSubmit();
  };

  return (
    <Screen testID="appeal-portal">
      <Head
        state="drafting"
        icon="person"
        tone="accent"
        title={t("appeal.heading")}
        text={t("appeal.text")}
      />
      {until === null ? null : (
        <Txt kind="small" muted>
          {t("appeal.until", { date: words.date(until) })}
        </Txt>
      )}
      {props.error === null ? null : (
        <Notice tone="critical" title={t("common.problem")} live>
          {props.error}
        </Notice>
      )}
      {tries > 0 && problems.length > 0 ? (
        <Summary tries={tries}>{t("report.fix", { count: problems.length })}</Summary>
      ) : null}
      <Card>
        <RadioGroup
          label={t("appeal.reason")}
          value={draft.reason}
          onChange={props.onReason}
          disabled={busy}
          error={wrong("reason-missing") ? t("common.choose") : null}
          options={REASONS.map((value) => ({ value, ...words.codes.appealReasons[value] }))}
        />
      </Card>
      <Card>
        <TextField
          label={t("appeal.explanation")}
          hint={t("appeal.explanationHint", {
            min: LIMITS.appealMinCharacters,
            max: LIMITS.appealMaxCharacters,
          })}
          value={draft.text}
          onChange={props.onText}
          lines={6}
          disabled={busy}
          error={
            wrong("text-too-short")
              ? t("appeal.missing", { count: props.missing })
              : problems.includes("text-too-long")
                ? t("appeal.tooLong", { count: tooMany(draft.text) })
                : null
          }
          // Said once: the error tells the same.
          counter={counterOf(draft.text, wrong("text-too-short") ? 0 : props.missing, words)}
        />
      </Card>
      {props.onPickFiles === undefined ? null : (
        <Card>
          <Files
            label={t("appeal.files")}
            hint={t("appeal.filesHint", { max: LIMITS.appealMaxFiles })}
            files={draft.files}
            max={LIMITS.appealMaxFiles}
            problems={problems}
            disabled={busy}
            onPick={props.onPickFiles}
            onRemove={props.onRemoveFile}
          />
        </Card>
      )}
      <Buttons>
        <Button kind="primary" label={t("appeal.send")} busy={busy} onPress={submit} />
      </Buttons>
    </Screen>
  );
}

function tooMany(text: string): number {
  return Math.max(1, text.trim().length - LIMITS.appealMaxCharacters);
}

function counterOf(text: string, missing: number, { t }: Words): string {
  if (missing > 0 && text.trim() !== "") return t("appeal.missing", { count: missing });
  return t("appeal.used", { used: [...text.trim()].length, max: LIMITS.appealMaxCharacters });
}

function Heard(props: {
  readonly appeal: Appeal;
  readonly status: "pending" | "in_review" | "rejected" | "upheld" | "overturned";
}): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { appeal, status } = props;
  const { decision = null, missingEvidence = [] } = appeal;
  const isDecided = status !== "pending" && status !== "in_review";
  const { title, text } = words.codes.appeals[status];
  const steps: readonly Step[] = [
    {
      key: "sent",
      label: t("appeal.stepSent"),
      text: t("appeal.sentOn", { date: words.dateTime(appeal.createdAt) }),
      state: "done",
    },
    {
      key: "review",
      label: t("appeal.stepReview"),
      state: isDecided ? "done" : status === "in_review" ? "now" : "next",
    },
    {
      key: "decided",
      label: t("appeal.stepDecided"),
      state: isDecided ? "done" : "next",
      ...(decision === null
        ? {}
        : { text: t("appeal.decidedOn", { date: words.dateTime(decision.decidedAt) }) }),
    },
  ];
  return (
    <Screen testID="appeal-portal">
      <Head
        state={status}
        icon={status === "overturned" ? "check" : isDecided ? "info" : "clock"}
        tone={status === "overturned" ? "positive" : isDecided ? "neutral" : "accent"}
        title={title}
        text={text}
      />
      <Card title={t("appeal.status")}>
        <Steps label={t("appeal.status")} steps={steps} />
      </Card>
      {decision === null ? null : (
        <Card title={t("appeal.answer")}>
          <Txt selectable>{decision.reason}</Txt>
          {status === "overturned" && decision.published === false ? (
            <Notice tone="accent">{t("appeal.notPublished")}</Notice>
          ) : null}
        </Card>
      )}
      <Card title={t("appeal.yours")}>
        <Stack gap="xs">
          <Txt kind="strong">{words.codes.appealReasons[appeal.reason].title}</Txt>
          <Txt muted>{appeal.explanation}</Txt>
        </Stack>
        {missingEvidence.length === 0 ? null : (
          <Notice tone="caution">
            {t("appeal.missingFiles", { count: missingEvidence.length })}
          </Notice>
        )}
      </Card>
    </Screen>
  );
}
