import type { ReactNode } from "react";
import { View } from "react-native";

import type { CaseView } from "../types/client.js";
import type { Reason, VerdictSummary } from "../types/generated/documents.js";
import type { DecisionExplanation } from "../types/generated/messages.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { Card, Divider, Head, Screen, Stack } from "./parts/frame.js";
import { HelpSection } from "./parts/help.js";
import { Disclosure, Notice, Points } from "./parts/status.js";
import { Heading, Txt } from "./parts/text.js";
import {
  isDetected,
  reasonWords,
  surenessOf,
  surenessWords,
  type Sureness,
} from "./parts/texts.js";

/** The full explanation: not asked for, on its way, there, or not to be had now. */
export type ExplanationShown =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly explanation: DecisionExplanation }
  | { readonly state: "failed"; readonly message: string; readonly onRetry?: () => void };

export interface MediaBlockedViewProps {
  readonly outcome: "blocked" | "held";
  /** As the upload's outcome has it. */
  readonly verdict: Pick<VerdictSummary, "reasons" | "appealable">;
  /** Tells how sure the check is, what follows, and until when an appeal is possible. */
  readonly found?: CaseView | null;
  /** Left out: no full explanation is offered. */
  readonly explanation?: ExplanationShown;
  /** When somebody opens the full explanation for the first time. */
  readonly onExplain?: () => void;
  readonly onAppeal?: () => void;
  /** To another file, where that makes sense. */
  readonly onAnother?: () => void;
}

/** Why an upload is not published: what was found, how sure, what can be done. No blame. */
export function MediaBlockedView(props: MediaBlockedViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { found = null } = props;
  const state = stateOf(props);
  const reasons =
    found !== null && found.case.explanation.length > 0
      ? found.case.explanation
      : props.verdict.reasons;
  const isDecided = state === "released" || state === "held";

  return (
    <Screen testID="media-blocked">
      <Head
        state={state}
        icon={state === "released" ? "check" : state === "held" ? "clock" : "lock"}
        tone={state === "released" ? "positive" : state === "held" ? "accent" : "caution"}
        title={t(
          state === "released"
            ? "blocked.headingReleased"
            : state === "held"
              ? "blocked.headingHeld"
              : state === "unpublished"
                ? "blocked.headingUnpublished"
                : "blocked.headingBlocked",
        )}
        {...(state === "released"
          ? {}
          : {
              text: t(
                state === "held"
                  ? "blocked.unseenHeld"
                  : state === "unpublished"
                    ? "blocked.taken"
                    : "blocked.unseen",
              ),
            })}
      />
      {state === "released" ? null : (
        <Found
          reasons={reasons}
          sureness={
            found !== null && isDetected(reasons) ? surenessOf(found.case.confidence) : null
          }
          rule={found?.case.violation ?? null}
        />
      )}
      {found?.case.decision?.reason ? (
        <Card title={t("blocked.decision")}>
          <Txt>{found.case.decision.reason}</Txt>
        </Card>
      ) : null}
      {found === null || isDecided ? null : <Account found={found} />}
      {state === "released" ? null : <Next {...props} state={state} />}
      {props.explanation === undefined ? null : (
        <Explanation {...props} shown={props.explanation} />
      )}
      <HelpSection />
    </Screen>
  );
}

type State = "blocked" | "held" | "unpublished" | "released";

function stateOf({ outcome, verdict, found = null }: MediaBlockedViewProps): State {
  if (found?.case.decision?.published === true) return "released";
  if (outcome === "held") return "held";
  const wasSeen = verdict.reasons.some(
    ({ code }) => code === "consent_withdrawn" || code === "reported",
  );
  return wasSeen ? "unpublished" : "blocked";
}

function Found(props: {
  readonly reasons: readonly Reason[];
  readonly sureness: Sureness | null;
  readonly rule: keyof ReturnType<typeof useScreens>["words"]["codes"]["violations"] | null;
}): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  return (
    <Card title={t("blocked.found")}>
      {props.reasons.map((reason) => {
        const { title, text } = reasonWords(words, reason);
        return (
          <Stack key={reason.code} gap="xs">
            <Txt kind="strong">{title}</Txt>
            {text === "" ? null : <Txt muted>{text}</Txt>}
          </Stack>
        );
      })}
      {props.sureness === null ? null : (
        <>
          <Divider />
          <Sure step={props.sureness} />
        </>
      )}
      {props.rule === null ? null : (
        <>
          <Divider />
          <Stack gap="xs">
            <Txt kind="small" muted>
              {t("blocked.rule")}
            </Txt>
            <Txt kind="strong">{words.codes.violations[props.rule].title}</Txt>
            <Txt muted>{words.codes.violations[props.rule].text}</Txt>
          </Stack>
        </>
      )}
    </Card>
  );
}

const STEPS = 4;

function Sure(props: { readonly step: Sureness }): ReactNode {
  const { theme, words } = useScreens();
  const said = surenessWords(words, props.step);
  return (
    <Stack gap="s">
      <Txt kind="small" muted>
        {words.t("blocked.sure")}
      </Txt>
      <View style={{ flexDirection: "row", flexWrap: "wrap", alignItems: "center", gap: 12 }}>
        <View
          role="img"
          aria-label={`${said}. ${words.t("blocked.sureOf", { step: props.step, steps: STEPS })}`}
          style={{ flexDirection: "row", gap: 4 }}
        >
          {Array.from({ length: STEPS }, (_, index) => (
            <View
              key={index}
              style={{
                width: 26,
                height: 10,
                borderRadius: 5,
                borderWidth: 1,
                borderColor: index < props.step ? theme.colors.accent : theme.colors.border,
                backgroundColor: index < props.step ? theme.colors.accent : theme.colors.surface,
              }}
            />
          ))}
        </View>
        <Txt kind="strong">{said}</Txt>
      </View>
      <Txt kind="small" muted>
        {words.t("blocked.sureNote")}
      </Txt>
    </Stack>
  );
}

function Account(props: { readonly found: CaseView }): ReactNode {
  const { words } = useScreens();
  const { sanction = "NONE", needsConfirmation = false } = props.found.case;
  return (
    <Card title={words.t("blocked.account")}>
      <Txt>{words.codes.sanctions[sanction]}</Txt>
      {sanction !== "NONE" && needsConfirmation ? (
        <Txt muted>{words.t("blocked.accountConfirm")}</Txt>
      ) : null}
    </Card>
  );
}

function Next(props: MediaBlockedViewProps & { readonly state: State }): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { found = null, state, onAppeal, onAnother } = props;
  if (state === "held") {
    return (
      <Notice tone="accent" icon="info" title={t("blocked.next")}>
        {t("blocked.wait")}
      </Notice>
    );
  }
  const hasAppealed = found !== null && found.appeal !== null;
  const mayAppeal = found === null ? props.verdict.appealable === true : found.mayAppeal;
  const until = found?.appealUntil ?? null;
  return (
    <Card title={t("blocked.next")}>
      {hasAppealed ? (
        <Txt>{t("blocked.appealRunning")}</Txt>
      ) : mayAppeal ? (
        <>
          <Txt>{t("blocked.appealText")}</Txt>
          {until === null ? null : (
            <Txt muted>{t("blocked.appealUntil", { date: words.date(until) })}</Txt>
          )}
        </>
      ) : until === null ? (
        <>
          <Txt>{t("blocked.noAppeal")}</Txt>
          {found?.case.needsConfirmation === true ? (
            <Txt muted>{t("blocked.noAppealConfirm")}</Txt>
          ) : null}
        </>
      ) : (
        <Txt>{t("blocked.appealOver", { date: words.date(until) })}</Txt>
      )}
      <Buttons>
        {onAppeal !== undefined && (mayAppeal || hasAppealed) ? (
          <Button
            kind="primary"
            label={t(hasAppealed ? "blocked.appealSee" : "blocked.appeal")}
            onPress={onAppeal}
          />
        ) : null}
        {onAnother === undefined ? null : (
          <Button label={t("blocked.another")} onPress={onAnother} />
        )}
      </Buttons>
    </Card>
  );
}

function Explanation(
  props: MediaBlockedViewProps & { readonly shown: ExplanationShown },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { shown } = props;
  return (
    <Card>
      <Disclosure
        title={t("blocked.explain")}
        {...(props.onExplain === undefined ? {} : { onOpen: props.onExplain })}
      >
        {shown.state === "loading" ? <Txt live>{t("blocked.explaining")}</Txt> : null}
        {shown.state === "failed" ? (
          <>
            <Notice tone="caution" live>
              {shown.message}
            </Notice>
            {shown.onRetry === undefined ? null : (
              <Buttons>
                <Button label={t("common.retry")} onPress={shown.onRetry} />
              </Buttons>
            )}
          </>
        ) : null}
        {shown.state === "ready"
          ? sectionsOf(shown.explanation.text).map(({ title, points }) => (
              <Stack key={title} gap="s">
                <Heading level={3}>{title}</Heading>
                <Points>{points}</Points>
              </Stack>
            ))
          : null}
      </Disclosure>
    </Card>
  );
}

/** The plain text in its parts: a title, then points that begin with a dash. */
function sectionsOf(
  text: string,
): readonly { readonly title: string; readonly points: readonly string[] }[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const [title = "", ...lines] = block.split("\n");
      return { title, points: lines.map((line) => line.replace(/^- /, "")) };
    });
}
