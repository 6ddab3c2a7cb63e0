import type { ReactNode } from "react";

import type { ShieldOutcome } from "../i18n/codes/types.js";
import type { Words } from "../i18n/words.js";
import type { ShieldAnswer } from "../types/generated/messages.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { Head, Screen } from "./parts/frame.js";
import { HelpSection } from "./parts/help.js";
import type { IconName } from "./parts/icon.js";
import { Notice, Points } from "./parts/status.js";
import type { Tone } from "./parts/tone.js";

/** How the question stands, for the owner of the shield. */
export type ShieldMatchState =
  | { readonly state: "open" }
  | { readonly state: "answered"; readonly outcome: ShieldOutcome }
  /** Kept until there is a connection. */
  | { readonly state: "queued" }
  /** By a moderator, or by somebody else who is shown. */
  | { readonly state: "decided" }
  | { readonly state: "missing" };

export interface ShieldMatchViewProps {
  readonly match: ShieldMatchState;
  readonly busy?: boolean;
  readonly error?: string | null;
  readonly onAnswer: (answer: ShieldAnswer) => void;
  /** Another answer in place of one that a moderator has not dealt with yet. */
  readonly onAgain?: () => void;
}

/** An upload was held because it may show the owner of a shield: what do they say of it? */
export function ShieldMatchView(props: ShieldMatchViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { match, busy = false, error = null, onAgain } = props;
  const problem =
    error === null ? null : (
      <Notice tone="critical" title={t("common.problem")} live>
        {error}
      </Notice>
    );
  if (match.state !== "open") {
    return (
      <Screen testID="shield-match">
        <Head state={match.state} {...headOf(match, words)} />
        {match.state === "answered" && match.outcome === "noted" && onAgain !== undefined ? (
          <Buttons>
            <Button label={t("match.again")} onPress={onAgain} />
          </Buttons>
        ) : null}
        <HelpSection />
      </Screen>
    );
  }
  const answers: readonly (readonly [ShieldAnswer, string])[] = [
    ["refuse", t("match.refuse")],
    ["agree", t("match.agree")],
    ["not_me", t("match.notMe")],
  ];
  return (
    <Screen testID="shield-match">
      <Head
        state="open"
        icon="shield"
        tone="accent"
        title={t("match.heading")}
        text={t("match.text")}
      />
      {problem}
      <Points>{[t("match.thenRefuse"), t("match.thenAgree"), t("match.noAnswer")]}</Points>
      <Buttons>
        {answers.map(([answer, label]) => (
          <Button
            key={answer}
            kind={answer === "not_me" ? "secondary" : "primary"}
            label={label}
            disabled={busy}
            onPress={() => {
              props.onAnswer(answer);
            }}
          />
        ))}
      </Buttons>
      <HelpSection />
    </Screen>
  );
}

function headOf(
  match: Exclude<ShieldMatchState, { readonly state: "open" }>,
  { t, codes }: Words,
): { readonly icon: IconName; readonly tone: Tone; readonly title: string; readonly text: string } {
  switch (match.state) {
    case "answered":
      return {
        icon: "check",
        tone: "positive",
        title: t("match.answered"),
        text: codes.shieldOutcomes[match.outcome],
      };
    case "queued":
      return { icon: "clock", tone: "accent", title: t("asked.queued"), text: t("common.queued") };
    case "decided":
      return {
        icon: "check",
        tone: "accent",
        title: t("match.decided"),
        text: t("match.decidedText"),
      };
    case "missing":
      return {
        icon: "info",
        tone: "caution",
        title: t("match.missing"),
        text: t("match.missingText"),
      };
  }
}
