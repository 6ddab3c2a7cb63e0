import type { ReactNode } from "react";
import { Linking, Platform, Pressable, Text, View } from "react-native";

import { useScreens } from "../context.js";
import { useFocusRing } from "./focus.js";
import { Icon, type IconName } from "./icon.js";
import { webOnly } from "./platform.js";

export interface ButtonProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly kind?: "primary" | "secondary" | "quiet" | "danger";
  readonly icon?: IconName;
  /** Waits for something: cannot be pressed, and says so. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** Where the label alone would not say of what. */
  readonly spoken?: string;
  readonly expanded?: boolean;
}

export function Button(props: ButtonProps): ReactNode {
  const { theme, words } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const { kind = "secondary", busy = false, disabled = false } = props;
  const { colors, space } = theme;
  const off = busy || disabled;
  const look = {
    primary: { back: colors.accent, front: colors.onAccent, edge: colors.accent },
    secondary: { back: colors.surface, front: colors.accent, edge: colors.border },
    quiet: { back: "transparent", front: colors.accent, edge: "transparent" },
    danger: { back: colors.critical, front: colors.surface, edge: colors.critical },
  }[kind];
  const shown = off
    ? {
        back: kind === "quiet" ? "transparent" : colors.sunken,
        front: colors.textMuted,
        edge: kind === "quiet" ? "transparent" : colors.divider,
      }
    : look;

  return (
    <Pressable
      role="button"
      onPress={props.onPress}
      onFocus={onFocus}
      onBlur={onBlur}
      disabled={off}
      aria-disabled={off}
      aria-busy={busy}
      {...(props.expanded === undefined ? {} : { "aria-expanded": props.expanded })}
      {...(props.spoken === undefined ? {} : { "aria-label": props.spoken })}
      style={({ pressed }) => [
        {
          minHeight: theme.touch,
          minWidth: theme.touch,
          maxWidth: "100%",
          flexDirection: "row",
          alignItems: "center",
          justifyContent: "center",
          gap: space.s,
          paddingVertical: space.s,
          paddingHorizontal: kind === "quiet" ? space.s : space.l,
          borderRadius: theme.radius.m,
          borderWidth: kind === "quiet" ? 0 : 1,
          backgroundColor: shown.back,
          borderColor: shown.edge,
          opacity: pressed ? 0.8 : 1,
        },
        ring,
      ]}
    >
      {props.icon === undefined ? null : <Icon name={props.icon} size={18} color={shown.front} />}
      <Text
        style={[
          theme.type.strong,
          { color: shown.front, textAlign: "center", flexShrink: 1 },
          theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
        ]}
      >
        {busy ? words.t("common.working") : props.label}
      </Text>
    </Pressable>
  );
}

/** Buttons one after another: side by side where they fit. */
export function Buttons(props: { readonly children: ReactNode }): ReactNode {
  const { theme } = useScreens();
  return (
    <View style={{ flexDirection: "row", flexWrap: "wrap", gap: theme.space.s }}>
      {props.children}
    </View>
  );
}

/** A link that opens outside the app. */
export function OutsideLink(props: {
  readonly label: string;
  readonly url: string;
  readonly spoken?: string;
}): ReactNode {
  const { theme } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const isWeb = /^https?:/.test(props.url);
  return (
    <Pressable
      role="link"
      onFocus={onFocus}
      onBlur={onBlur}
      {...(props.spoken === undefined ? {} : { "aria-label": props.spoken })}
      {...webOnly({
        href: props.url,
        ...(isWeb ? { hrefAttrs: { target: "_blank", rel: "noopener noreferrer" } } : {}),
      })}
      {...openOnPhones(props.url)}
      style={[
        {
          minHeight: theme.touch,
          maxWidth: "100%",
          justifyContent: "center",
          borderRadius: theme.radius.s,
        },
        ring,
      ]}
    >
      <Text
        style={[
          theme.type.body,
          { color: theme.colors.accent, textDecorationLine: "underline" },
          theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
        ]}
      >
        {props.label}
      </Text>
    </Pressable>
  );
}

/** In a browser the link is a real one and opens by itself. */
function openOnPhones(url: string): { readonly onPress?: () => void } {
  if (Platform.OS === "web") return {};
  return {
    onPress: () => {
      void Linking.openURL(url).catch(() => undefined);
    },
  };
}
