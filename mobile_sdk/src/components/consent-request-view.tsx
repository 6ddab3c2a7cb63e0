import { useState, type ReactNode } from "react";
import { Image, View } from "react-native";

import type { Words } from "../i18n/words.js";
import type { ConsentPurpose, Surface } from "../types/generated/documents.js";
import type { ConsentAnswer, Offer } from "../types/generated/messages.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { Card, Head, Screen, Stack } from "./parts/frame.js";
import { HelpSection } from "./parts/help.js";
import type { IconName } from "./parts/icon.js";
import { Notice, Points } from "./parts/status.js";
import { Txt } from "./parts/text.js";
import type { Tone } from "./parts/tone.js";
import { LoadingScreen } from "./parts/waiting.js";

/** How the question stands, for the person who is asked. */
export type AskedState =
  | { readonly state: "loading" }
  /** No such request, or not the whole link. */
  | { readonly state: "missing" }
  | {
      readonly state: "open";
      readonly surface: Surface;
      readonly purpose: ConsentPurpose;
      readonly expiresAt: Date;
      /** Address of the blurred preview, also `data:`; null: there is none. */
      readonly preview: string | null;
    }
  | {
      readonly state:
        "confirmed" | "refused" | "withdrawn" | "taken-back" | "expired" | "cancelled";
    }
  /** Kept until there is a connection. */
  | { readonly state: "queued" };

export interface ConsentRequestViewProps {
  readonly asked: AskedState;
  readonly busy?: ConsentAnswer | "withdraw" | null;
  readonly error?: string | null;
  readonly onAnswer: (answer: ConsentAnswer) => void;
  /** Of a yes. */
  readonly onWithdraw?: () => void;
  /** What the app can offer after a no. */
  readonly offers?: readonly Offer[];
  readonly onOffer?: (offer: Offer) => void;
  /**
   * Opened by a link, without an account: the link is the way back from a yes. It is none from a
   * no, as others may have the link too.
   */
  readonly byLink?: boolean;
}

/** The person shown is asked: may this be published? Both answers are equally easy. */
export function ConsentRequestView(props: ConsentRequestViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { asked } = props;
  if (asked.state === "loading") return <LoadingScreen />;

  const problem =
    props.error === null || props.error === undefined ? null : (
      <Notice tone="critical" title={t("common.problem")} live>
        {props.error}
      </Notice>
    );
  if (asked.state === "open") {
    return (
      <Screen testID="consent-request">
        <Head
          state="open"
          icon="person"
          tone="accent"
          title={t("asked.heading")}
          text={t("asked.text")}
        />
        {problem}
        <Card>
          <Preview uri={asked.preview} />
          <Fact label={t("asked.where")}>{words.codes.surfaces[asked.surface]}</Fact>
          <Fact label={t("asked.what")}>{words.codes.purposes[asked.purpose]}</Fact>
          <Fact label={t("asked.until")}>{words.dateTime(asked.expiresAt)}</Fact>
        </Card>
        <Points>{[t("asked.thenYes"), t("asked.thenNo"), t("asked.noAnswer")]}</Points>
        <Buttons>
          <Button
            kind="primary"
            label={t("asked.confirm")}
            busy={props.busy === "confirm"}
            disabled={props.busy === "refuse"}
            onPress={() => {
              props.onAnswer("confirm");
            }}
          />
          <Button
            kind="primary"
            label={t("asked.refuse")}
            busy={props.busy === "refuse"}
            disabled={props.busy === "confirm"}
            onPress={() => {
              props.onAnswer("refuse");
            }}
          />
        </Buttons>
        <HelpSection />
      </Screen>
    );
  }

  return (
    <Screen testID="consent-request">
      <Head state={asked.state} {...headOf(asked.state, words)} />
      {problem}
      {props.byLink === true && asked.state === "confirmed" ? (
        <Notice tone="accent">{t("asked.keepLink")}</Notice>
      ) : null}
      {asked.state === "refused" ? <Offers {...props} /> : null}
      <Buttons>
        {asked.state === "confirmed" && props.onWithdraw !== undefined ? (
          <Button
            label={t("asked.withdraw")}
            busy={props.busy === "withdraw"}
            onPress={props.onWithdraw}
          />
        ) : null}
        {asked.state === "refused" && props.byLink !== true ? (
          <Button
            label={t("asked.takeBack")}
            busy={props.busy === "take_back"}
            onPress={() => {
              props.onAnswer("take_back");
            }}
          />
        ) : null}
      </Buttons>
      {asked.state === "refused" || asked.state === "withdrawn" ? <HelpSection /> : null}
    </Screen>
  );
}

function Offers(props: ConsentRequestViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { offers = [], onOffer } = props;
  if (offers.length === 0 || onOffer === undefined) return null;
  return (
    <Card title={t("asked.offers")}>
      <Buttons>
        {offers.map((offer) => (
          <Button
            key={offer}
            icon={offer === "shield" ? "shield" : "bang"}
            label={t(offer === "shield" ? "asked.offerShield" : "asked.offerReport")}
            onPress={() => {
              onOffer(offer);
            }}
          />
        ))}
      </Buttons>
    </Card>
  );
}

const WIDE = 4 / 3;

function Preview(props: { readonly uri: string | null }): ReactNode {
  const { theme, words } = useScreens();
  const [ratio, setRatio] = useState(WIDE);
  if (props.uri === null) {
    return (
      <View
        style={{
          padding: theme.space.l,
          borderRadius: theme.radius.m,
          backgroundColor: theme.colors.sunken,
        }}
      >
        <Txt muted>{words.t("asked.noPreview")}</Txt>
      </View>
    );
  }
  return (
    <Image
      source={{ uri: props.uri }}
      alt={words.t("asked.preview")}
      accessibilityLabel={words.t("asked.preview")}
      resizeMode="cover"
      onLoad={(event) => {
        setRatio(ratioOf(event.nativeEvent));
      }}
      style={{
        width: "100%",
        aspectRatio: ratio,
        borderRadius: theme.radius.m,
        backgroundColor: theme.colors.sunken,
      }}
    />
  );
}

const [NARROWEST, WIDEST] = [3 / 4, 2];

/** Of the picture, within what a screen holds. React Native tells its size, a browser does not. */
function ratioOf(event: unknown): number {
  const source: unknown =
    typeof event === "object" && event !== null && "source" in event ? event.source : null;
  if (typeof source !== "object" || source === null) return WIDE;
  const width = "width" in source ? source.width : 0;
  const height = "height" in source ? source.height : 0;
  if (typeof width !== "number" || typeof height !== "number" || !(width > 0 && height > 0)) {
    return WIDE;
  }
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

function Fact(props: { readonly label: string; readonly children: string }): ReactNode {
  return (
    <Stack gap="xs">
      <Txt kind="small" muted>
        {props.label}
      </Txt>
      <Txt kind="strong">{props.children}</Txt>
    </Stack>
  );
}

function headOf(
  state: Exclude<AskedState["state"], "loading" | "open">,
  { t }: Words,
): { readonly icon: IconName; readonly tone: Tone; readonly title: string; readonly text: string } {
  switch (state) {
    case "missing":
      return {
        icon: "info",
        tone: "caution",
        title: t("asked.missing"),
        text: t("asked.missingText"),
      };
    case "confirmed":
      return {
        icon: "check",
        tone: "positive",
        title: t("asked.confirmed"),
        text: t("asked.confirmedText"),
      };
    case "refused":
      return {
        icon: "shield",
        tone: "positive",
        title: t("asked.refused"),
        text: t("asked.refusedText"),
      };
    case "withdrawn":
      return {
        icon: "shield",
        tone: "positive",
        title: t("asked.withdrawn"),
        text: t("asked.withdrawnText"),
      };
    case "taken-back":
      return {
        icon: "check",
        tone: "positive",
        title: t("asked.takenBack"),
        text: t("asked.takenBackText"),
      };
    case "expired":
      return {
        icon: "clock",
        tone: "neutral",
        title: t("asked.expired"),
        text: t("asked.expiredText"),
      };
    case "cancelled":
      return {
        icon: "info",
        tone: "neutral",
        title: t("asked.cancelled"),
        text: t("asked.cancelledText"),
      };
    case "queued":
      return { icon: "clock", tone: "accent", title: t("asked.queued"), text: t("common.queued") };
  }
}
