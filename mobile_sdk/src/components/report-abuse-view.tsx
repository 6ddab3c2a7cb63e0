import { useState, type ReactNode } from "react";
import { View } from "react-native";

import type { Words } from "../i18n/words.js";
import type { ReportCheck, ReportDraft, ReportProblem } from "../react/report-machine.js";
import type { WithId } from "../types/client.js";
import { LIMITS } from "../types/generated/functions.js";
import type {
  Capacity,
  Report,
  ReportKind,
  Takedown,
  TakedownState,
} from "../types/generated/documents.js";
import type { MediaSource } from "../types/port.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { Checkbox, FieldError, RadioGroup, TextField } from "./parts/fields.js";
import { Files } from "./parts/files.js";
import { Card, Divider, Head, Row, Screen, Stack } from "./parts/frame.js";
import { HelpSection } from "./parts/help.js";
import type { IconName } from "./parts/icon.js";
import { Disclosure, Notice, ProgressBar, Tag } from "./parts/status.js";
import { Summary } from "./parts/summary.js";
import { Heading, Txt } from "./parts/text.js";
import type { Tone } from "./parts/tone.js";

/** How a report stands, for its screen. */
export type ReportShown =
  | {
      readonly state: "drafting";
      readonly draft: ReportDraft;
      readonly check: ReportCheck;
      readonly error: string | null;
    }
  | { readonly state: "submitting"; readonly draft: ReportDraft }
  | { readonly state: "queued" }
  /** It was kept for a connection and has gone out since. */
  | { readonly state: "left-queue" }
  | {
      readonly state: "sent";
      readonly report: Pick<Report, "status" | "answer" | "createdAt"> | null;
      readonly takedowns: readonly WithId<Takedown>[];
      readonly isDuplicate: boolean;
    };

export interface ReportAbuseViewProps {
  readonly report: ReportShown;
  readonly onEdit: (change: Partial<ReportDraft>) => void;
  readonly onPickFiles?: () => void;
  readonly onSubmit: () => void;
  /** Another report, or the draft again. */
  readonly onReset?: () => void;
  readonly onEditAgain?: () => void;
  readonly onWithdraw?: () => void;
  readonly isWithdrawing?: boolean;
  /** Why it could not be withdrawn, in plain words. */
  readonly withdrawError?: string | null;
  readonly onLetter?: (takedownId: string) => void;
  /** For the clock of 48 hours. Left out: now. */
  readonly now?: Date;
}

/** Reports abuse, asks for its removal, and shows how far that has come. */
export function ReportAbuseView(props: ReportAbuseViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { report } = props;
  switch (report.state) {
    case "drafting":
      return (
        <Form
          {...props}
          draft={report.draft}
          problems={report.check.problems}
          hasStatement={report.check.hasStatement}
          error={report.error}
          busy={false}
        />
      );
    case "submitting":
      return <Form {...props} draft={report.draft} problems={[]} hasStatement error={null} busy />;
    case "queued":
    case "left-queue":
      return (
        <Screen testID="report-abuse">
          <Head
            state={report.state}
            icon={report.state === "queued" ? "clock" : "check"}
            tone="accent"
            title={words.codes.reports.submitted.title}
            text={t(report.state === "queued" ? "common.queued" : "report.leftQueue")}
          />
          <Buttons>
            {report.state === "left-queue" && props.onEditAgain !== undefined ? (
              <Button label={t("report.editAgain")} onPress={props.onEditAgain} />
            ) : null}
          </Buttons>
          <HelpSection initiallyOpen />
        </Screen>
      );
    case "sent":
      return <Sent {...props} sent={report} />;
  }
}

const KINDS: readonly ReportKind[] = ["ncii", "deepfake", "impersonation", "extortion", "other"];
const CAPACITIES: readonly Capacity[] = ["depicted", "representative"];
const UNSIGNED: ReportDraft["statement"] = {
  capacity: null,
  notConsensual: false,
  goodFaith: false,
  signature: "",
};

interface FormProps extends ReportAbuseViewProps {
  readonly draft: ReportDraft;
  readonly problems: readonly ReportProblem[];
  readonly hasStatement: boolean;
  readonly error: string | null;
  readonly busy: boolean;
}

function Form(props: FormProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { draft, busy, onEdit } = props;
  const [tries, setTries] = useState(0);
  const [isSigning, setSigning] = useState(draft.statement.signature !== "");
  const { statement } = draft;
  // A statement that was begun by opening it has to be whole as well.
  const problems: readonly ReportProblem[] =
    isSigning && !props.hasStatement && !props.problems.includes("statement-incomplete")
      ? [...props.problems, "statement-incomplete"]
      : props.problems;
  const wrong = (problem: ReportProblem) => tries > 0 && problems.includes(problem);
  const unsigned = wrong("statement-incomplete");
  const submit = () => {
    if (problems.length > 0) setTries(tries + 1);
    else props.onSubmit();
  };

  return (
    <Screen testID="report-abuse">
      <Head
        state="drafting"
        icon="shield"
        tone="accent"
        title={t("report.heading")}
        text={t("report.text")}
      />
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
          label={t("report.kind")}
          value={draft.kind}
          onChange={(kind) => {
            onEdit({ kind });
          }}
          disabled={busy}
          error={wrong("kind-missing") ? t("common.choose") : null}
          options={KINDS.map((value) => ({ value, ...words.codes.reportKinds[value] }))}
        />
        <Checkbox
          label={t("report.minor")}
          text={t("report.minorText")}
          checked={draft.concernsMinor}
          onChange={(concernsMinor) => {
            onEdit({ concernsMinor });
          }}
          disabled={busy}
        />
      </Card>
      <Addresses {...props} wrong={wrong} />
      <Card>
        <TextField
          label={t("report.description")}
          optional
          lines={4}
          value={draft.description}
          onChange={(description) => {
            onEdit({ description });
          }}
          maxLength={MAX_DESCRIPTION}
          disabled={busy}
        />
      </Card>
      {props.onPickFiles === undefined ? null : (
        <Card>
          <Files
            label={t("report.files")}
            hint={t("appeal.filesHint", { max: LIMITS.reportMaxFiles })}
            files={draft.files}
            max={LIMITS.reportMaxFiles}
            problems={problems}
            disabled={busy}
            onPick={props.onPickFiles}
            onRemove={(file: MediaSource) => {
              onEdit({ files: draft.files.filter((each) => each !== file) });
            }}
          />
        </Card>
      )}
      <Card title={t("report.takedown")}>
        <Txt muted>{t("report.takedownText")}</Txt>
        <Checkbox
          label={t("report.withStatement")}
          checked={isSigning}
          disabled={busy}
          onChange={(on) => {
            setSigning(on);
            if (!on) onEdit({ statement: UNSIGNED, name: "", mail: "" });
          }}
        />
        {isSigning ? (
          <>
            <RadioGroup
              label={t("report.capacity")}
              value={statement.capacity}
              onChange={(capacity) => {
                onEdit({ statement: { ...statement, capacity } });
              }}
              disabled={busy}
              error={unsigned && statement.capacity === null ? t("common.choose") : null}
              options={CAPACITIES.map((value) => ({
                value,
                title: words.codes.capacities[value],
              }))}
            />
            <TextField
              label={t("report.name")}
              optional
              hint={t("report.contactHint")}
              kind="name"
              value={draft.name}
              onChange={(name) => {
                onEdit({ name });
              }}
              maxLength={200}
              disabled={busy}
              error={
                wrong("contact-incomplete") && draft.name.trim() === ""
                  ? t("common.required")
                  : null
              }
            />
            <TextField
              label={t("report.mail")}
              optional
              kind="email"
              value={draft.mail}
              onChange={(mail) => {
                onEdit({ mail });
              }}
              maxLength={254}
              disabled={busy}
              error={
                wrong("not-a-mail-address")
                  ? t("report.mailWrong")
                  : wrong("contact-incomplete") && draft.mail.trim() === ""
                    ? t("common.required")
                    : null
              }
            />
            <Divider />
            <Heading level={3}>{t("report.statement")}</Heading>
            <Checkbox
              label={t("report.statementBelief")}
              checked={statement.notConsensual}
              onChange={(notConsensual) => {
                onEdit({ statement: { ...statement, notConsensual } });
              }}
              disabled={busy}
              error={unsigned && !statement.notConsensual ? t("report.tick") : null}
            />
            <Checkbox
              label={t("report.statementTrue")}
              checked={statement.goodFaith}
              onChange={(goodFaith) => {
                onEdit({ statement: { ...statement, goodFaith } });
              }}
              disabled={busy}
              error={unsigned && !statement.goodFaith ? t("report.tick") : null}
            />
            <TextField
              label={t("report.signature")}
              hint={t("report.signatureHint")}
              kind="name"
              value={statement.signature}
              onChange={(signature) => {
                onEdit({ statement: { ...statement, signature } });
              }}
              maxLength={200}
              disabled={busy}
              error={unsigned && statement.signature.trim() === "" ? t("common.required") : null}
            />
          </>
        ) : null}
      </Card>
      <Buttons>
        <Button kind="primary" label={t("report.send")} busy={busy} onPress={submit} />
      </Buttons>
      <HelpSection />
    </Screen>
  );
}

/** As `MAX_DESCRIPTION` of the hook. */
const MAX_DESCRIPTION = 4_000;

function Addresses(
  props: FormProps & { readonly wrong: (problem: ReportProblem) => boolean },
): ReactNode {
  const { theme, words } = useScreens();
  const { t } = words;
  const { draft, busy, onEdit, wrong } = props;
  // An empty line to begin with, so that there is something to write in.
  const media = draft.media.length === 0 ? [{ url: "" }] : draft.media;
  const urls = media.map((place) => ("url" in place ? place.url.trim() : ""));
  const errorOf = (url: string, index: number): string | null => {
    if (url !== "" && urls.indexOf(url) < index) return t("report.addressTwice");
    if (wrong("media-missing") && index === 0) return t("common.required");
    return wrong("not-an-address") && url !== "" && !seemsAddress(url)
      ? t("report.addressWrong")
      : null;
  };
  return (
    <Card title={t("report.media")}>
      <Txt kind="small" muted>
        {t("report.mediaHint")}
      </Txt>
      {media.map((place, index) => (
        <Stack key={index} gap="xs">
          {"url" in place ? (
            <TextField
              label={t("report.address", { number: index + 1 })}
              hint={t("report.addressHint")}
              kind="url"
              value={place.url}
              onChange={(url) => {
                onEdit({ media: media.map((each, at) => (at === index ? { url } : each)) });
              }}
              maxLength={2000}
              disabled={busy}
              error={errorOf(place.url.trim(), index)}
            />
          ) : (
            <Row gap="m">
              <Tag tone="accent" icon="check">
                {t("report.inApp")}
              </Tag>
            </Row>
          )}
          {media.length > 1 ? (
            <View style={{ alignItems: "flex-start" }}>
              <Button
                kind="quiet"
                label={t("common.remove")}
                spoken={t("common.removeItem", {
                  name: t("report.address", { number: index + 1 }),
                })}
                disabled={busy}
                onPress={() => {
                  onEdit({ media: media.filter((_, at) => at !== index) });
                }}
              />
            </View>
          ) : null}
        </Stack>
      ))}
      {wrong("too-many-media") ? (
        <FieldError>{t("report.tooManyAddresses", { max: LIMITS.reportMaxMedia })}</FieldError>
      ) : null}
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: theme.space.s }}>
        <Button
          label={t("report.addAddress")}
          disabled={busy || media.length >= LIMITS.reportMaxMedia}
          onPress={() => {
            onEdit({ media: [...media, { url: "" }] });
          }}
        />
      </View>
    </Card>
  );
}

/** Which of several addresses is meant when one of them is none. */
function seemsAddress(url: string): boolean {
  return /^(https?:\/\/)?[^\s/?#:]+\.[^\s/?#:]+/i.test(url);
}

function Sent(
  props: ReportAbuseViewProps & {
    readonly sent: Extract<ReportShown, { readonly state: "sent" }>;
  },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { report, takedowns, isDuplicate } = props.sent;
  const status = report?.status ?? "submitted";
  const { title, text } = words.codes.reports[status];
  const mayWithdraw = status === "submitted" || status === "in_progress";
  return (
    <Screen testID="report-abuse">
      <Head
        state={`sent ${status}`}
        icon={status === "resolved" ? "check" : status === "submitted" ? "check" : "clock"}
        tone={status === "resolved" || status === "submitted" ? "positive" : "accent"}
        title={status === "submitted" ? t("report.sent") : title}
        text={status === "submitted" ? t("report.sentText") : text}
      />
      {props.withdrawError === null || props.withdrawError === undefined ? null : (
        <Notice tone="critical" title={t("common.problem")} live>
          {props.withdrawError}
        </Notice>
      )}
      {isDuplicate ? <Notice tone="accent">{t("report.duplicate")}</Notice> : null}
      <Card title={t("report.status")}>
        <Row spread>
          <Txt kind="strong">{title}</Txt>
          {report === null ? null : (
            <Txt kind="small" muted>
              {words.dateTime(report.createdAt)}
            </Txt>
          )}
        </Row>
        <Txt muted>{text}</Txt>
        {report?.answer ? (
          <Stack gap="xs">
            <Txt kind="small" muted>
              {t("report.answer")}
            </Txt>
            <Txt selectable>{report.answer}</Txt>
          </Stack>
        ) : null}
      </Card>
      {takedowns.length === 0 ? null : (
        <Card title={t("report.takedowns")}>
          {takedowns.map((takedown, index) => (
            <Stack key={takedown.id} gap="m">
              {index === 0 ? null : <Divider />}
              <OneTakedown {...props} takedown={takedown} now={props.now ?? new Date()} />
            </Stack>
          ))}
        </Card>
      )}
      <Buttons>
        {props.onReset === undefined ? null : (
          <Button label={t("report.another")} onPress={props.onReset} />
        )}
        {mayWithdraw && props.onWithdraw !== undefined ? (
          <Button
            kind="quiet"
            label={t("report.withdraw")}
            busy={props.isWithdrawing === true}
            onPress={props.onWithdraw}
          />
        ) : null}
      </Buttons>
      <HelpSection />
    </Screen>
  );
}

const HOUR_MS = 3_600_000;
const CLOCK_HOURS = 48;

function OneTakedown(
  props: ReportAbuseViewProps & { readonly takedown: WithId<Takedown>; readonly now: Date },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { takedown, now, onLetter } = props;
  const state = takedown.state ?? "prepared";
  const { title, text } = words.codes.takedowns[state];
  const { tone, icon } = signOf(state);
  const place = placeOf(takedown, words);
  const isRunning = state === "requested" || state === "acknowledged";
  const copies = takedown.copiesRemoved ?? 0;
  return (
    <Stack gap="s">
      <Row spread gap="m">
        <Txt kind="strong" style={{ flexShrink: 1 }}>
          {place}
        </Txt>
        <Tag tone={tone} icon={icon}>
          {title}
        </Tag>
      </Row>
      <Txt muted>{takedown.waitsForModerator === true ? t("report.waits") : text}</Txt>
      {isRunning && takedown.dueAt ? <Clock due={takedown.dueAt} now={now} /> : null}
      {state === "removed" && takedown.inTime === true ? (
        <Txt kind="small" muted>
          {t("report.inTime")}
        </Txt>
      ) : null}
      {copies > 0 ? (
        <Txt kind="small" muted>
          {t("report.copies", { count: copies })}
        </Txt>
      ) : null}
      {onLetter !== undefined && takedown.channel !== "own" && state !== "withdrawn" ? (
        <Buttons>
          <Button
            kind="quiet"
            label={t("report.letter")}
            spoken={`${t("report.letter")}: ${place}`}
            onPress={() => {
              onLetter(takedown.id);
            }}
          />
        </Buttons>
      ) : null}
    </Stack>
  );
}

/** What is left of the 48 hours, as a bar and in words. */
function Clock(props: { readonly due: Date; readonly now: Date }): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const leftMs = props.due.getTime() - props.now.getTime();
  const hours = Math.floor(leftMs / HOUR_MS);
  const left =
    leftMs <= 0
      ? t("report.late")
      : hours < 1
        ? t("report.lessThanHour")
        : t("report.clock", { hours: t("report.hours", { count: hours }) });
  return (
    <Stack gap="xs">
      <ProgressBar
        value={1 - Math.max(0, leftMs) / (CLOCK_HOURS * HOUR_MS)}
        label={left}
        tone={leftMs <= 0 ? "critical" : hours < 8 ? "caution" : "accent"}
      />
      <Row spread>
        <Txt kind="small">{left}</Txt>
        <Txt kind="small" muted>
          {t("report.due", { date: words.dateTime(props.due) })}
        </Txt>
      </Row>
    </Stack>
  );
}

function placeOf(takedown: Takedown, words: Words): string {
  const { media } = takedown;
  if (media.platform === "own_app") return words.t("report.ownApp");
  return hostOf(media.url ?? "") ?? media.platform;
}

/** By hand: React Native's `URL` has no `hostname`. */
function hostOf(url: string): string | null {
  const host = /^(?:https?:\/\/)?(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1];
  return host === undefined || host === "" ? null : host.replace(/^www\./, "");
}

function signOf(state: TakedownState): { readonly tone: Tone; readonly icon: IconName } {
  switch (state) {
    case "removed":
      return { tone: "positive", icon: "check" };
    case "prepared":
    case "requested":
    case "acknowledged":
      return { tone: "accent", icon: "clock" };
    case "refused":
    case "expired":
      return { tone: "caution", icon: "bang" };
    case "withdrawn":
      return { tone: "neutral", icon: "cross" };
  }
}

/** The letter that went, or goes, to a platform. */
export function TakedownLetterView(props: {
  readonly subject: string;
  readonly text: string;
}): ReactNode {
  const { words } = useScreens();
  return (
    <Card>
      <Disclosure title={words.t("report.letter")} initiallyOpen>
        <Txt kind="strong" selectable>
          {props.subject}
        </Txt>
        <Txt selectable>{props.text}</Txt>
      </Disclosure>
    </Card>
  );
}
