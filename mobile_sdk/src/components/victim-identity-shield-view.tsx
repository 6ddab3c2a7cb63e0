import { useState, type ReactNode } from "react";
import { View } from "react-native";

import type { WithId } from "../types/client.js";
import type { Shield, ShieldLevel, ShieldStatus } from "../types/generated/documents.js";
import type { PersonalHashOutcome } from "../types/generated/messages.js";
import { useScreens } from "./context.js";
import { Button, Buttons } from "./parts/button.js";
import { RadioGroup, Toggle } from "./parts/fields.js";
import { Card, Divider, Head, Row, Screen, Stack } from "./parts/frame.js";
import { HelpSection } from "./parts/help.js";
import type { IconName } from "./parts/icon.js";
import { Disclosure, Notice, Points, Tag } from "./parts/status.js";
import { Txt } from "./parts/text.js";
import { hashRefusalWords } from "./parts/texts.js";
import type { Tone } from "./parts/tone.js";

/** What is under way; its button waits. */
export type ShieldBusy =
  | "create"
  | "update"
  | "pause"
  | "resume"
  | "delete"
  | "addReference"
  | "removeReference"
  | "submitHashes";

export interface VictimIdentityShieldViewProps {
  /** null: there is none yet. */
  readonly shield: WithId<Shield> | null;
  readonly busy?: ShieldBusy | null;
  /** In plain words; of the last thing that did not work. */
  readonly error?: string | null;
  /** What became of the pictures that were protected last. */
  readonly outcomes?: readonly PersonalHashOutcome[];
  readonly onCreate: (level: ShieldLevel) => void;
  readonly onLevel: (level: ShieldLevel) => void;
  readonly onToggle: (toggle: ShieldToggle, on: boolean) => void;
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onDelete: () => void;
  /** Opens a picker for one selfie or recording. */
  readonly onAddReference?: () => void;
  readonly onRemoveReference: (referenceId: string) => void;
  /** Opens a picker; what is picked never leaves the device. */
  readonly onProtectPictures?: () => void;
  /** Left out: now. */
  readonly now?: Date;
}

export type ShieldToggle = "notifications" | "monitoring" | "legalSupport";

const LEVELS: readonly ShieldLevel[] = ["standard", "enhanced", "maximum"];

/** One's own shield: level, settings, what it protects, what it has done, help. */
export function VictimIdentityShieldView(props: VictimIdentityShieldViewProps): ReactNode {
  const { shield } = props;
  return shield === null ? <None {...props} /> : <One {...props} shield={shield} />;
}

function None(props: VictimIdentityShieldViewProps): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const [level, setLevel] = useState<ShieldLevel>("standard");
  return (
    <Screen testID="shield">
      <Head
        state="none"
        icon="shield"
        tone="accent"
        title={t("shield.heading")}
        text={t("shield.intro")}
      />
      <Problem {...props} />
      <Notice tone="accent" icon="lock">
        {t("shield.private")}
      </Notice>
      <Card>
        <Levels label={t("shield.level")} value={level} onChange={setLevel} />
      </Card>
      <Buttons>
        <Button
          kind="primary"
          icon="shield"
          label={t("shield.start")}
          busy={props.busy === "create"}
          onPress={() => {
            props.onCreate(level);
          }}
        />
      </Buttons>
      <HelpSection />
    </Screen>
  );
}

function Problem(props: { readonly error?: string | null }): ReactNode {
  const { words } = useScreens();
  if (props.error === null || props.error === undefined) return null;
  return (
    <Notice tone="critical" title={words.t("common.problem")} live>
      {props.error}
    </Notice>
  );
}

function Levels(props: {
  readonly label: string;
  readonly value: ShieldLevel;
  readonly onChange: (level: ShieldLevel) => void;
  readonly disabled?: boolean;
}): ReactNode {
  const { words } = useScreens();
  return (
    <RadioGroup
      label={props.label}
      value={props.value}
      onChange={props.onChange}
      disabled={props.disabled ?? false}
      options={LEVELS.map((value) => ({ value, ...words.codes.levels[value] }))}
    />
  );
}

function One(
  props: VictimIdentityShieldViewProps & { readonly shield: WithId<Shield> },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { shield, now = new Date() } = props;
  const status = shield.status ?? "pending";
  const { title, text } = words.codes.shields[status];
  const { icon, tone } = signOf(status);
  const isYoung = status === "active" && shield.blocksFrom && shield.blocksFrom > now;
  return (
    <Screen testID="shield">
      <Head state={status} icon={icon} tone={tone} title={t("shield.heading")} text={text} />
      <Tag tone={tone} icon={icon}>
        {title}
      </Tag>
      <Problem {...props} />
      {isYoung && shield.blocksFrom ? (
        <Notice tone="accent" icon="clock">
          {t("shield.young", { date: words.dateTime(shield.blocksFrom) })}
        </Notice>
      ) : null}
      {status === "active" && shield.heldBackAt ? (
        <Notice tone="caution">{t("shield.heldBack")}</Notice>
      ) : null}
      {status === "paused" ? (
        <Buttons>
          <Button
            kind="primary"
            icon="shield"
            label={t("shield.resume")}
            busy={props.busy === "resume"}
            onPress={props.onResume}
          />
        </Buttons>
      ) : null}
      <References {...props} />
      {status === "pending" ? null : <Statistics shield={shield} />}
      <Settings {...props} />
      <Manage {...props} status={status} />
      <HelpSection />
    </Screen>
  );
}

function signOf(status: ShieldStatus): { readonly icon: IconName; readonly tone: Tone } {
  switch (status) {
    case "active":
      return { icon: "shield", tone: "positive" };
    case "pending":
      return { icon: "clock", tone: "accent" };
    case "paused":
      return { icon: "pause", tone: "caution" };
    case "disputed":
      return { icon: "info", tone: "caution" };
    case "deleted":
      return { icon: "cross", tone: "neutral" };
  }
}

function Statistics(props: { readonly shield: Shield }): ReactNode {
  const { theme, words } = useScreens();
  const { t } = words;
  const { statistics = {}, rescan = null } = props.shield;
  const { mediaBlocked = 0, mediaHeld = 0, attackersBlocked = 0 } = statistics;
  const tiles = [
    { key: "blocked", figure: mediaBlocked, label: t("shield.blocked", { count: mediaBlocked }) },
    { key: "held", figure: mediaHeld, label: t("shield.held", { count: mediaHeld }) },
    {
      key: "accounts",
      figure: attackersBlocked,
      label: t("shield.accounts", { count: attackersBlocked }),
    },
  ];
  const isQuiet = mediaBlocked + mediaHeld + attackersBlocked === 0;
  return (
    <Card title={t("shield.statistics")}>
      {isQuiet ? (
        <Txt muted>{t("shield.quiet")}</Txt>
      ) : (
        <View role="list" style={{ flexDirection: "row", flexWrap: "wrap", gap: theme.space.s }}>
          {tiles.map(({ key, figure, label }) => (
            <View
              key={key}
              role="listitem"
              aria-label={`${words.number(figure)} ${label}`}
              style={{
                flexGrow: 1,
                flexBasis: 130,
                padding: theme.space.m,
                borderRadius: theme.radius.m,
                backgroundColor: theme.colors.sunken,
              }}
            >
              <Txt kind="figure">{words.number(figure)}</Txt>
              <Txt kind="small" muted>
                {label}
              </Txt>
            </View>
          ))}
        </View>
      )}
      {rescan === null ? null : (
        <Stack gap="xs">
          {rescan.finishedAt || !rescan.sweepAt ? null : (
            <Txt kind="small" muted>
              {`${t("shield.rescan")} ${t("shield.rescanCompared", { count: rescan.compared ?? 0 })}`}
            </Txt>
          )}
          {(rescan.found ?? 0) > 0 ? (
            <Txt kind="small">{t("shield.rescanFound", { count: rescan.found ?? 0 })}</Txt>
          ) : null}
        </Stack>
      )}
    </Card>
  );
}

function References(
  props: VictimIdentityShieldViewProps & { readonly shield: WithId<Shield> },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { shield, outcomes = [] } = props;
  const { faces = 0, voices = 0, hashes = 0 } = shield.references ?? {};
  const listed = shield.listed ?? [];
  const counts = [
    ...(faces > 0 ? [t("shield.faces", { count: faces })] : []),
    ...(voices > 0 ? [t("shield.voices", { count: voices })] : []),
    ...(hashes > 0 ? [t("shield.hashes", { count: hashes })] : []),
  ];
  const refused = outcomes.filter((outcome) => outcome.refused !== null);
  const taken = outcomes.length - refused.length;
  return (
    <Card title={t("shield.references")}>
      {counts.length === 0 ? (
        <Txt muted>{t("shield.noReferences")}</Txt>
      ) : (
        <Points>{counts}</Points>
      )}
      {listed.length === 0 ? null : (
        <View role="list">
          {listed.map((reference) => {
            const name = t(reference.kind === "face" ? "shield.face" : "shield.voice", {
              date: words.date(reference.addedAt),
            });
            return (
              <View key={reference.id} role="listitem">
                <Row spread>
                  <Txt style={{ flexShrink: 1 }}>{name}</Txt>
                  <Button
                    kind="quiet"
                    label={t("common.remove")}
                    spoken={t("common.removeItem", { name })}
                    disabled={props.busy === "removeReference"}
                    onPress={() => {
                      props.onRemoveReference(reference.id);
                    }}
                  />
                </Row>
              </View>
            );
          })}
        </View>
      )}
      {props.onAddReference === undefined ? null : (
        <Stack gap="s">
          <Divider />
          <Txt kind="small" muted>
            {t("shield.addReferenceText")}
          </Txt>
          <Buttons>
            <Button
              kind={counts.length === 0 ? "primary" : "secondary"}
              label={t("shield.addReference")}
              busy={props.busy === "addReference"}
              onPress={props.onAddReference}
            />
          </Buttons>
        </Stack>
      )}
      {props.onProtectPictures === undefined ? null : (
        <Stack gap="s">
          <Divider />
          <Txt kind="small" muted>
            {t("shield.addPicturesText")}
          </Txt>
          <Buttons>
            <Button
              icon="lock"
              label={t("shield.addPictures")}
              busy={props.busy === "submitHashes"}
              onPress={props.onProtectPictures}
            />
          </Buttons>
          {taken === 0 ? null : (
            <Notice tone="positive" icon="check" live>
              {t("shield.added", { count: taken })}
            </Notice>
          )}
          {refused.length === 0 ? null : (
            <Notice tone="caution" title={t("shield.notAdded", { count: refused.length })} live>
              {[
                ...new Set(refused.map(({ refused: code }) => hashRefusalWords(words, code ?? ""))),
              ].join(" ")}
            </Notice>
          )}
        </Stack>
      )}
    </Card>
  );
}

function Settings(
  props: VictimIdentityShieldViewProps & { readonly shield: WithId<Shield> },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { shield, busy = null } = props;
  const { notifications = true, monitoring = false, legalSupport = false } = shield.toggles ?? {};
  const level = shield.level ?? "standard";
  const isMaximum = level === "maximum";
  const only = (text: string) => (isMaximum ? text : `${text} ${t("shield.maximumOnly")}`);
  const waits = busy === "update";
  return (
    <>
      <Card>
        <Levels label={t("shield.level")} value={level} onChange={props.onLevel} disabled={waits} />
      </Card>
      <Card title={t("shield.toggles")}>
        <Toggle
          label={t("shield.notifications")}
          text={t("shield.notificationsText")}
          checked={notifications}
          disabled={waits}
          onChange={(on) => {
            props.onToggle("notifications", on);
          }}
        />
        <Divider />
        <Toggle
          label={t("shield.monitoring")}
          text={only(t("shield.monitoringText"))}
          checked={isMaximum && monitoring}
          disabled={waits || !isMaximum}
          onChange={(on) => {
            props.onToggle("monitoring", on);
          }}
        />
        <Divider />
        <Toggle
          label={t("shield.legalSupport")}
          text={only(t("shield.legalSupportText"))}
          checked={isMaximum && legalSupport}
          disabled={waits || !isMaximum}
          onChange={(on) => {
            props.onToggle("legalSupport", on);
          }}
        />
      </Card>
    </>
  );
}

function Manage(
  props: VictimIdentityShieldViewProps & { readonly status: ShieldStatus },
): ReactNode {
  const { words } = useScreens();
  const { t } = words;
  const { status, busy = null } = props;
  const [isAsking, setAsking] = useState(false);
  return (
    <Card>
      <Disclosure title={t("shield.manage")}>
        {status === "active" || status === "pending" ? (
          <Stack gap="s">
            <Txt muted>{t("shield.pauseText")}</Txt>
            <Buttons>
              <Button
                icon="pause"
                label={t("shield.pause")}
                busy={busy === "pause"}
                onPress={props.onPause}
              />
            </Buttons>
            <Divider />
          </Stack>
        ) : null}
        <Txt muted>{t("shield.deleteText")}</Txt>
        <Buttons>
          {isAsking ? (
            <>
              <Button
                kind="danger"
                label={t("shield.deleteConfirm")}
                busy={busy === "delete"}
                onPress={props.onDelete}
              />
              <Button
                label={t("shield.deleteKeep")}
                onPress={() => {
                  setAsking(false);
                }}
              />
            </>
          ) : (
            <Button
              label={t("shield.delete")}
              onPress={() => {
                setAsking(true);
              }}
            />
          )}
        </Buttons>
      </Disclosure>
    </Card>
  );
}
