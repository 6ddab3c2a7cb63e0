import { useState, type ReactNode } from "react";
import { View } from "react-native";

import type { Words } from "../i18n/words.js";
import type { WithId } from "../types/client.js";
import type { ConsentRequest, ConsentRequestStatus } from "../types/generated/documents.js";
import type { ConsentHoldStatus, ConsentState } from "../types/generated/messages.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { RadioGroup, TextField } from "./parts/fields.js";
import { Card, Divider, Head, Row, Screen, Stack } from "./parts/frame.js";
import type { IconName } from "./parts/icon.js";
import { Disclosure, Notice, ProgressBar, Tag } from "./parts/status.js";
import { Txt } from "./parts/text.js";
import type { Tone } from "./parts/tone.js";

/** A link that was just made: it can be shown now and never again. */
export interface ShownLink {
  readonly requestId: string;
  /** The whole address to pass on. */
  readonly url: string;
}

/** What came of words in place of a consent. */
export interface ClaimAnswer {
  /** What was recognised, by the backend's word (`ClaimKind`); null: nothing. */
  readonly kind: string | null;
}

export interface ConsentConfirmationViewProps {
  readonly consent: Pick<ConsentState, "status" | "needed" | "given">;
  readonly requests: readonly WithId<Pick<ConsentRequest, "status" | "subjectId">>[];
  readonly links: readonly ShownLink[];
  readonly busy?: "self" | "ask" | "statement" | null;
  /** In plain words; of the last thing that did not work. */
  readonly error?: string | null;
  readonly claim?: ClaimAnswer | null;
  readonly onSelf: () => void;
  readonly onMakeLink: () => void;
  /** A new link for a request, in place of one that was lost. */
  readonly onRenewLink?: (requestId: string) => void;
  readonly onShare?: (url: string) => void;
  /** Left out: accounts cannot be asked here. */
  readonly onAskAccount?: (account: string) => void;
  readonly onStatement: (words: string) => void;
}

/** The uploader's side of consent: is it only me, or who has to be asked? */
export function ConsentConfirmationView(props: ConsentConfirmationViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { consent } = props;
  const over = endOf(consent.status, words);
  const [choice, setChoice] = useState<"self" | "others" | null>(
    props.requests.length > 0 || props.links.length > 0 ? "others" : null,
  );

  if (over !== null) {
    return (
      <Screen testID="consent-confirmation">
        <Head state={consent.status} {...over} />
      </Screen>
    );
  }

  const { needed } = consent;
  const found =
    needed === null || needed === 0
      ? t("consent.foundNobody")
      : t("consent.found", { count: needed });
  return (
    <Screen testID="consent-confirmation">
      <Head
        state={consent.status}
        icon="person"
        tone="accent"
        title={t("consent.heading")}
        text={`${found} ${t("consent.wait")}`}
      />
      {props.error === null || props.error === undefined ? null : (
        <Notice tone="critical" title={t("common.problem")} live>
          {props.error}
        </Notice>
      )}
      <RadioGroup
        label={t("consent.heading")}
        hideLabel
        value={choice}
        onChange={setChoice}
        options={[
          {
            value: "self",
            title: t("consent.onlyMe"),
            text:
              needed !== null && needed > 1
                ? t("consent.onlyMeMany", { count: needed })
                : t("consent.onlyMeText"),
          },
          { value: "others", title: t("consent.others"), text: t("consent.othersText") },
        ]}
      />
      {choice === "self" ? (
        <Buttons>
          <Button
            kind="primary"
            label={t("consent.confirmSelf")}
            onPress={props.onSelf}
            busy={props.busy === "self"}
          />
        </Buttons>
      ) : null}
      {choice === "others" ? <Ask {...props} /> : null}
      <Card>
        <Disclosure title={t("consent.why")}>
          <Txt muted>{t("consent.whyText")}</Txt>
        </Disclosure>
        <Divider />
        <Disclosure title={t("consent.say")}>
          <Say {...props} />
        </Disclosure>
      </Card>
    </Screen>
  );
}

function Ask(props: ConsentConfirmationViewProps): ReactNode {
  const { theme, words } = useScreens();
  const { t } = words;
  const { consent, requests, links, onAskAccount } = props;
  const [account, setAccount] = useState("");
  const needed = consent.needed ?? 0;
  return (
    <>
      {needed > 0 && (requests.length > 0 || consent.given > 0) ? (
        <Card>
          <Txt kind="strong" live>
            {t("consent.progress", { given: consent.given, count: needed })}
          </Txt>
          <ProgressBar
            value={consent.given / needed}
            label={t("consent.progress", { given: consent.given, count: needed })}
            tone="positive"
          />
        </Card>
      ) : null}
      <Card title={t("consent.ask")}>
        <Txt muted>{t("consent.askText")}</Txt>
        {links.map((link, index) => (
          <View
            key={link.requestId}
            style={{
              gap: theme.space.s,
              padding: theme.space.m,
              borderRadius: theme.radius.m,
              backgroundColor: theme.colors.sunken,
            }}
          >
            <Txt kind="strong">{t("consent.link", { number: index + 1 })}</Txt>
            <Txt selectable ltr kind="small">
              {link.url}
            </Txt>
            <Txt kind="small" muted>
              {t("consent.linkOnce")}
            </Txt>
            {props.onShare === undefined ? null : (
              <Buttons>
                <Button
                  label={t("common.share")}
                  spoken={`${t("common.share")}: ${t("consent.link", { number: index + 1 })}`}
                  onPress={() => props.onShare?.(link.url)}
                />
              </Buttons>
            )}
          </View>
        ))}
        <Buttons>
          <Button
            kind={links.length === 0 && requests.length === 0 ? "primary" : "secondary"}
            label={t(
              links.length === 0 && requests.length === 0
                ? "consent.makeLink"
                : "consent.makeAnother",
            )}
            onPress={props.onMakeLink}
            busy={props.busy === "ask"}
          />
        </Buttons>
        {onAskAccount === undefined ? null : (
          <Disclosure title={t("consent.account")}>
            <TextField
              label={t("consent.accountField")}
              value={account}
              onChange={setAccount}
              maxLength={128}
            />
            <Buttons>
              <Button
                label={t("consent.accountAsk")}
                disabled={account.trim() === ""}
                busy={props.busy === "ask"}
                onPress={() => {
                  onAskAccount(account.trim());
                  setAccount("");
                }}
              />
            </Buttons>
          </Disclosure>
        )}
      </Card>
      {requests.length === 0 ? null : (
        <Card title={t("consent.requests")}>
          {requests.map((request, index) => {
            const status = request.status ?? "pending";
            const { tone, icon } = signOf(status);
            const isLost =
              status === "pending" &&
              (request.subjectId ?? null) === null &&
              !links.some(({ requestId }) => requestId === request.id);
            return (
              <Stack key={request.id} gap="s">
                {index === 0 ? null : <Divider />}
                <Row spread>
                  <Txt>{t("consent.asked", { number: index + 1 })}</Txt>
                  <Tag tone={tone} icon={icon}>
                    {words.codes.consentRequests[status]}
                  </Tag>
                </Row>
                {isLost && props.onRenewLink !== undefined ? (
                  <Buttons>
                    <Button
                      kind="quiet"
                      label={t("consent.newLink")}
                      spoken={`${t("consent.newLink")}: ${t("consent.asked", { number: index + 1 })}`}
                      onPress={() => props.onRenewLink?.(request.id)}
                    />
                  </Buttons>
                ) : null}
              </Stack>
            );
          })}
        </Card>
      )}
    </>
  );
}

/** As much as is read of it. */
const MAX_STATEMENT = 1000;

function Say(props: ConsentConfirmationViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const [text, setText] = useState("");
  const claims: Readonly<Record<string, string>> = words.codes.claims;
  return (
    <>
      <TextField
        label={t("consent.sayField")}
        hint={t("consent.sayHint")}
        value={text}
        onChange={setText}
        lines={3}
        maxLength={MAX_STATEMENT}
      />
      {props.claim === null || props.claim === undefined ? null : (
        <Notice tone="accent" live>
          {`${claims[props.claim.kind ?? "none"] ?? claims["none"]} ${words.codes.claimNext}`}
        </Notice>
      )}
      <Buttons>
        <Button
          label={t("consent.saySend")}
          disabled={text.trim() === ""}
          busy={props.busy === "statement"}
          onPress={() => {
            props.onStatement(text.trim());
          }}
        />
      </Buttons>
    </>
  );
}

function endOf(
  status: ConsentHoldStatus,
  { t }: Words,
): {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
} | null {
  switch (status) {
    case "awaiting":
      return null;
    case "given":
      return {
        icon: "check",
        tone: "positive",
        title: t("consent.given"),
        text: t("consent.givenText"),
      };
    case "refused":
      return {
        icon: "lock",
        tone: "caution",
        title: t("consent.refused"),
        text: t("consent.refusedText"),
      };
    case "expired":
      return {
        icon: "clock",
        tone: "caution",
        title: t("consent.expired"),
        text: t("consent.expiredText"),
      };
    case "withdrawn":
      return {
        icon: "lock",
        tone: "caution",
        title: t("consent.withdrawn"),
        text: t("consent.withdrawnText"),
      };
  }
}

function signOf(status: ConsentRequestStatus): { readonly tone: Tone; readonly icon: IconName } {
  switch (status) {
    case "pending":
      return { tone: "accent", icon: "clock" };
    case "confirmed":
      return { tone: "positive", icon: "check" };
    case "refused":
      return { tone: "caution", icon: "cross" };
    case "expired":
    case "cancelled":
      return { tone: "neutral", icon: "clock" };
  }
}
