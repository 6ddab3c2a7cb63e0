import type { ReactNode } from "react";
import { Pressable, View } from "react-native";

import type { Words } from "../i18n/words.js";
import type { WithId } from "../types/client.js";
import type { Notification, NotificationKind } from "../types/generated/documents.js";
import { useScreens } from "./context.js";
import { useFocusRing } from "./parts/focus.js";
import { Frame } from "./parts/frame.js";
import { Disc, type IconName } from "./parts/icon.js";
import { Tag } from "./parts/status.js";
import { Heading, Txt } from "./parts/text.js";
import type { Tone } from "./parts/tone.js";

export interface NotificationListViewProps {
  /** The newest first. */
  readonly notifications: readonly (WithId<Notification> & { readonly isRead: boolean })[];
  /** Called with what was pressed: mark it as read, and open what it is about. */
  readonly onOpen: (notification: WithId<Notification>) => void;
  /** Left out: now. */
  readonly now?: Date;
}

/** What this person was told. */
export function NotificationListView(props: NotificationListViewProps): ReactNode {
  const { theme, words } = useScreens();
  const unread = props.notifications.filter(({ isRead }) => !isRead).length;
  return (
    <Frame style={{ gap: theme.space.m }}>
      <View
        style={{ flexDirection: "row", flexWrap: "wrap", alignItems: "center", gap: theme.space.m }}
      >
        <Heading level={2}>{words.t("notifications.heading")}</Heading>
        {unread === 0 ? null : (
          <Tag tone="accent">{words.t("notifications.unread", { count: unread })}</Tag>
        )}
      </View>
      {props.notifications.length === 0 ? (
        <Txt muted>{words.t("notifications.none")}</Txt>
      ) : (
        <View
          role="list"
          style={{
            backgroundColor: theme.colors.surface,
            borderRadius: theme.radius.l,
            borderWidth: 1,
            borderColor: theme.colors.divider,
            overflow: "hidden",
          }}
        >
          {props.notifications.map((each, index) => (
            <View key={each.id} role="listitem">
              {index === 0 ? null : (
                <View style={{ height: 1, backgroundColor: theme.colors.divider }} />
              )}
              <Item notification={each} onOpen={props.onOpen} now={props.now ?? new Date()} />
            </View>
          ))}
        </View>
      )}
    </Frame>
  );
}

function Item(props: {
  readonly notification: NotificationListViewProps["notifications"][number];
  readonly onOpen: NotificationListViewProps["onOpen"];
  readonly now: Date;
}): ReactNode {
  const { theme, words } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const { notification } = props;
  const { title, text } = words.codes.notifications[notification.kind];
  const { icon, tone } = signOf(notification.kind);
  return (
    <Pressable
      role="button"
      onPress={() => {
        props.onOpen(notification);
      }}
      onFocus={onFocus}
      onBlur={onBlur}
      style={({ pressed }) => [
        {
          minHeight: theme.touch,
          flexDirection: "row",
          alignItems: "flex-start",
          gap: theme.space.m,
          padding: theme.space.l,
          backgroundColor: notification.isRead ? theme.colors.surface : theme.colors.accentSoft,
          opacity: pressed ? 0.8 : 1,
        },
        ring,
        { outlineOffset: -3 },
      ]}
    >
      <Disc icon={icon} tone={tone} size={36} />
      <View style={{ flexShrink: 1, flexGrow: 1, gap: 2 }}>
        <Txt kind={notification.isRead ? "body" : "strong"}>{title}</Txt>
        <Txt kind="small" muted>
          {text}
        </Txt>
        <Txt kind="small" muted>
          {whenOf(notification.createdAt, props.now, words)}
          {notification.isRead ? "" : ` · ${words.t("notifications.isUnread")}`}
        </Txt>
      </View>
    </Pressable>
  );
}

function whenOf(at: Date, now: Date, words: Words): string {
  return at.toDateString() === now.toDateString()
    ? words.t("notifications.today", { time: words.time(at) })
    : words.date(at);
}

function signOf(kind: NotificationKind): { readonly icon: IconName; readonly tone: Tone } {
  if (kind.startsWith("shield_")) return { icon: "shield", tone: "accent" };
  if (kind.startsWith("consent_")) return { icon: "person", tone: "accent" };
  if (kind === "upload_released" || kind === "restriction_lifted") {
    return { icon: "check", tone: "positive" };
  }
  if (kind === "upload_held") return { icon: "clock", tone: "accent" };
  if (kind === "upload_blocked" || kind === "upload_unpublished" || kind === "restriction_set") {
    return { icon: "lock", tone: "caution" };
  }
  return { icon: "info", tone: "accent" };
}
