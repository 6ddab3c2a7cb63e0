import type { ComponentRef, ReactNode, Ref } from "react";
import { Text, type TextStyle } from "react-native";

import type { TypeScale } from "../../theme/tokens.js";
import { useScreens } from "../context.js";
import { webOnly } from "./platform.js";

export interface TxtProps {
  readonly kind?: keyof TypeScale;
  readonly muted?: boolean;
  readonly color?: string;
  readonly id?: string;
  /** Said when it changes. */
  readonly live?: boolean;
  readonly selectable?: boolean;
  /** Written from left to right whatever the language, as addresses are. */
  readonly ltr?: boolean;
  readonly style?: TextStyle;
  readonly hidden?: boolean;
  readonly children: ReactNode;
}

/** A text in the theme's type. Grows with the system's text size. */
export function Txt(props: TxtProps): ReactNode {
  const { theme } = useScreens();
  const { kind = "body", muted = false, color, live = false, ltr = false } = props;
  return (
    <Text
      {...(props.id === undefined ? {} : { nativeID: props.id })}
      {...(live ? { "aria-live": "polite" as const } : {})}
      {...(props.hidden === true ? { "aria-hidden": true } : {})}
      {...webOnly(ltr ? { dir: "ltr" } : {})}
      selectable={props.selectable ?? false}
      style={[
        theme.type[kind],
        { color: color ?? (muted ? theme.colors.textMuted : theme.colors.text) },
        theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
        ltr ? { writingDirection: "ltr" } : null,
        props.style,
      ]}
    >
      {props.children}
    </Text>
  );
}

export interface HeadingProps {
  readonly level: 1 | 2 | 3;
  readonly id?: string;
  readonly headingRef?: Ref<ComponentRef<typeof Text>>;
  readonly live?: boolean;
  readonly children: ReactNode;
}

/** A heading that screen readers find, and that focus can be moved to. */
export function Heading(props: HeadingProps): ReactNode {
  const { theme } = useScreens();
  const { level, id, headingRef, live = false } = props;
  return (
    <Text
      {...(headingRef === undefined ? {} : { ref: headingRef })}
      {...(id === undefined ? {} : { nativeID: id })}
      {...(live ? { "aria-live": "polite" as const } : {})}
      {...webOnly({ "aria-level": level, ...(headingRef === undefined ? {} : { tabIndex: -1 }) })}
      role="heading"
      style={[
        theme.type[level === 1 ? "title" : level === 2 ? "heading" : "strong"],
        { color: theme.colors.text, outlineWidth: 0, maxWidth: "100%" },
        theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
      ]}
    >
      {props.children}
    </Text>
  );
}
