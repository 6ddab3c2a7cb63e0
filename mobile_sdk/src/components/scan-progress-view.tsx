import type { ReactNode } from "react";
import { View } from "react-native";

import type { Words } from "../i18n/words.js";
import { wouldBeHeld } from "../react/upload-machine.js";
import type { UploadOutcome, UploadState } from "../types/client.js";
import type { ScanStep } from "../types/generated/documents.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { Frame } from "./parts/frame.js";
import { Disc, type IconName } from "./parts/icon.js";
import { ProgressBar, Steps, type Step } from "./parts/status.js";
import { Heading, Txt } from "./parts/text.js";
import { refusalWords } from "./parts/texts.js";
import type { Tone } from "./parts/tone.js";
import { ProtectedBadge } from "./protected-badge.js";

export interface ScanProgressViewProps {
  readonly upload: UploadState;
  /** Shown above the bar; never sent anywhere by this. */
  readonly fileName?: string;
  readonly onPause?: () => void;
  readonly onResume?: () => void;
  readonly onCancel?: () => void;
  /** After a failure, a refusal, a cancellation. */
  readonly onAgain?: () => void;
  /** After our first check held it back: uploads it without that check. */
  readonly onSendAnyway?: () => void;
  /** Held or blocked: opens `MediaBlockedScreen`. */
  readonly onDetails?: () => void;
  /** Waits for consent: opens `ConsentConfirmation`. */
  readonly onAskPeople?: () => void;
}

/** One upload, from the first byte to the verdict, in one card. */
export function ScanProgressView(props: ScanProgressViewProps): ReactNode {
  const { theme, words } = useScreens();
  const shown = look(props.upload, words);
  return (
    <Frame
      label={words.t("progress.heading")}
      style={{
        backgroundColor: theme.colors.surface,
        borderRadius: theme.radius.l,
        borderWidth: 1,
        borderColor: theme.colors.divider,
        padding: theme.space.l,
        gap: theme.space.l,
      }}
    >
      <View style={{ flexDirection: "row", gap: theme.space.m, alignItems: "flex-start" }}>
        <Disc icon={shown.icon} tone={shown.tone} size={44} />
        <View style={{ flexShrink: 1, flexGrow: 1, gap: theme.space.xs }}>
          <Heading level={2} live>
            {shown.title}
          </Heading>
          {shown.text === null ? null : <Txt muted>{shown.text}</Txt>}
          {props.fileName === undefined ? null : (
            <Txt kind="small" muted>
              {props.fileName}
            </Txt>
          )}
        </View>
      </View>
      <Progress upload={props.upload} />
      {props.upload.state === "finished" &&
      props.upload.outcome === "published" &&
      props.upload.isProtected ? (
        <ProtectedBadge />
      ) : null}
      <Actions {...props} />
    </Frame>
  );
}

function Progress(props: { readonly upload: UploadState }): ReactNode {
  const { theme, words } = useScreens();
  const { upload } = props;
  switch (upload.state) {
    case "preparing":
      return <ProgressBar value={null} label={words.t("progress.preparing")} />;
    case "uploading":
    case "paused":
    case "waiting-for-network": {
      const share = upload.totalBytes > 0 ? upload.sentBytes / upload.totalBytes : 0;
      return (
        <View style={{ gap: theme.space.xs }}>
          <ProgressBar
            value={share}
            label={words.t("progress.uploading")}
            tone={upload.state === "uploading" ? "accent" : "neutral"}
          />
          <View style={{ flexDirection: "row", flexWrap: "wrap", justifyContent: "space-between" }}>
            <Txt kind="small" muted>
              {words.t("progress.amount", {
                sent: words.bytes(upload.sentBytes),
                total: words.bytes(upload.totalBytes),
              })}
            </Txt>
            <Txt kind="small" muted>
              {words.percent(share)}
            </Txt>
          </View>
        </View>
      );
    }
    case "scanning":
      return (
        <View style={{ gap: theme.space.l }}>
          <ProgressBar value={upload.progress} label={words.t("progress.scanning")} />
          <Steps label={words.t("progress.steps")} steps={stepsOf(upload.step, words)} />
        </View>
      );
    case "finished":
    case "failed":
    case "cancelled":
      return null;
  }
}

function Actions(props: ScanProgressViewProps): ReactNode {
  const { words } = useScreens();
  const { upload, onPause, onResume, onCancel, onAgain, onSendAnyway, onDetails, onAskPeople } =
    props;
  const buttons: ReactNode[] = [];
  const add = (
    key: "pause" | "resume" | "again" | "sendAnyway" | "details" | "askPeople",
    kind: "primary" | "secondary",
    act: (() => void) | undefined,
  ) => {
    if (act === undefined) return;
    buttons.push(<Button key={key} kind={kind} label={words.t(`progress.${key}`)} onPress={act} />);
  };
  if (upload.state === "uploading") add("pause", "secondary", onPause);
  if (upload.state === "paused") add("resume", "primary", onResume);
  if (mayCancel(upload) && onCancel !== undefined) {
    buttons.push(
      <Button key="cancel" kind="quiet" label={words.t("common.cancel")} onPress={onCancel} />,
    );
  }
  if (upload.state === "failed" || upload.state === "cancelled") add("again", "primary", onAgain);
  if (wouldBeHeld(upload)) add("sendAnyway", "secondary", onSendAnyway);
  if (upload.state === "finished") {
    if (upload.outcome === "blocked" || upload.outcome === "held") {
      add("details", upload.outcome === "blocked" ? "primary" : "secondary", onDetails);
    }
    if (upload.outcome === "awaiting-consent") add("askPeople", "primary", onAskPeople);
    if (upload.outcome === "refused") add("again", "primary", onAgain);
  }
  return buttons.length === 0 ? null : <Buttons>{buttons}</Buttons>;
}

function mayCancel({ state }: UploadState): boolean {
  return (
    state === "preparing" ||
    state === "uploading" ||
    state === "paused" ||
    state === "waiting-for-network"
  );
}

interface Look {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string | null;
}

function look(upload: UploadState, words: Words): Look {
  const { t } = words;
  switch (upload.state) {
    case "preparing":
      return {
        icon: "dots",
        tone: "accent",
        title: t("progress.preparing"),
        text: t("progress.preparingText"),
      };
    case "uploading":
      return { icon: "up", tone: "accent", title: t("progress.uploading"), text: null };
    case "paused":
      return {
        icon: "pause",
        tone: "neutral",
        title: t("progress.paused"),
        text: t("progress.pausedText"),
      };
    case "waiting-for-network":
      return {
        icon: "clock",
        tone: "caution",
        title: t("progress.offline"),
        text: t("progress.offlineText"),
      };
    case "scanning":
      return {
        icon: "shield",
        tone: "accent",
        title: t("progress.scanning"),
        text: t("progress.scanningText"),
      };
    case "failed":
      return {
        icon: "bang",
        tone: "caution",
        title: t("progress.failed"),
        text: upload.error.userMessage,
      };
    case "cancelled":
      return {
        icon: "cross",
        tone: "neutral",
        title: t("progress.cancelled"),
        text: t("progress.cancelledText"),
      };
    case "finished":
      return finished(upload, words);
  }
}

function finished(upload: UploadOutcome, words: Words): Look {
  const { t } = words;
  switch (upload.outcome) {
    case "published": {
      const isLabelled = upload.verdict.reasons.some(({ code }) => code === "ai_generated");
      const text =
        upload.verdict.action === "BLUR"
          ? t("progress.blurredText")
          : isLabelled
            ? t("progress.labelledText")
            : t("progress.publishedText");
      return { icon: "check", tone: "positive", title: t("progress.published"), text };
    }
    case "awaiting-consent":
      return {
        icon: "person",
        tone: "accent",
        title: t("progress.awaiting"),
        text:
          upload.people > 0
            ? t("progress.awaitingText", { count: upload.people })
            : t("progress.awaitingUnknown"),
      };
    case "held":
      return {
        icon: "clock",
        tone: "accent",
        title: t("progress.held"),
        text: t("progress.heldText"),
      };
    case "blocked":
      return {
        icon: "lock",
        tone: "caution",
        title: t("progress.blocked"),
        text: t("progress.blockedText"),
      };
    case "refused":
      return {
        icon: "bang",
        tone: "caution",
        title: t("progress.refused"),
        text: refusalWords(words, upload.reason),
      };
  }
}

const ORDER: readonly ScanStep[] = ["open", "fingerprint", "match", "examine", "decide", "file"];

function stepsOf(step: ScanStep | null, words: Words): readonly Step[] {
  const now = step === null ? 0 : ORDER.indexOf(step);
  return ORDER.map((each, index) => ({
    key: each,
    label: words.codes.steps[each],
    state: index < now ? "done" : index === now ? "now" : "next",
  }));
}
