import type { ReactNode } from "react";
import { Platform, ScrollView, View, type ViewStyle } from "react-native";

import { useScreens } from "../context.js";
import { useFocusOnChange } from "./focus.js";
import { Disc, type IconName } from "./icon.js";
import { webOnly } from "./platform.js";
import { Heading, Txt } from "./text.js";
import type { Tone } from "./tone.js";

/** Sets language and direction for what is in it. */
export function Frame(props: {
  readonly style?: ViewStyle;
  readonly label?: string;
  readonly children: ReactNode;
}): ReactNode {
  const { words } = useScreens();
  return (
    <View
      {...webOnly({ dir: words.direction, lang: words.language })}
      {...(props.label === undefined ? {} : { role: "group" as const, "aria-label": props.label })}
      style={[Platform.OS === "web" ? null : { direction: words.direction }, props.style]}
    >
      {props.children}
    </View>
  );
}

/** A whole screen: scrolls, and stays readable on a wide one. */
export function Screen(props: {
  readonly children: ReactNode;
  readonly testID?: string;
}): ReactNode {
  const { theme } = useScreens();
  return (
    <ScrollView
      style={{ flex: 1, backgroundColor: theme.colors.background }}
      contentContainerStyle={{ flexGrow: 1 }}
      keyboardShouldPersistTaps="handled"
      {...(props.testID === undefined ? {} : { testID: props.testID })}
    >
      <Frame
        style={{
          width: "100%",
          maxWidth: theme.maxWidth,
          alignSelf: "center",
          paddingHorizontal: theme.space.l,
          paddingVertical: theme.space.xl,
          gap: theme.space.l,
        }}
      >
        {props.children}
      </Frame>
    </ScrollView>
  );
}

/** What a screen is about, at its head. When `state` changes, focus moves to the title. */
export function Head(props: {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: string;
  readonly text?: string;
  readonly state: string;
}): ReactNode {
  const { theme } = useScreens();
  const ref = useFocusOnChange(props.state);
  return (
    <View style={{ gap: theme.space.m, alignItems: "flex-start" }}>
      <Disc icon={props.icon} tone={props.tone} />
      <Heading level={1} headingRef={ref}>
        {props.title}
      </Heading>
      {props.text === undefined ? null : <Txt muted>{props.text}</Txt>}
    </View>
  );
}

/** A part of a screen that belongs together. */
export function Card(props: {
  readonly title?: string;
  readonly children: ReactNode;
  readonly level?: 2 | 3;
}): ReactNode {
  const { theme } = useScreens();
  return (
    <View
      style={{
        backgroundColor: theme.colors.surface,
        borderRadius: theme.radius.l,
        borderWidth: 1,
        borderColor: theme.colors.divider,
        padding: theme.space.l,
        gap: theme.space.m,
      }}
    >
      {props.title === undefined ? null : <Heading level={props.level ?? 2}>{props.title}</Heading>}
      {props.children}
    </View>
  );
}

/** Things one below another. */
export function Stack(props: {
  readonly gap?: "xs" | "s" | "m" | "l";
  readonly children: ReactNode;
}): ReactNode {
  const { theme } = useScreens();
  return <View style={{ gap: theme.space[props.gap ?? "s"] }}>{props.children}</View>;
}

/** Things side by side, below one another where there is no room. */
export function Row(props: {
  readonly gap?: "xs" | "s" | "m" | "l";
  readonly align?: "center" | "flex-start";
  readonly spread?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { theme } = useScreens();
  return (
    <View
      style={{
        flexDirection: "row",
        flexWrap: "wrap",
        alignItems: props.align ?? "center",
        gap: theme.space[props.gap ?? "s"],
        ...(props.spread === true ? { justifyContent: "space-between" as const } : {}),
      }}
    >
      {props.children}
    </View>
  );
}

export function Divider(): ReactNode {
  const { theme } = useScreens();
  return <View style={{ height: 1, backgroundColor: theme.colors.divider }} />;
}
