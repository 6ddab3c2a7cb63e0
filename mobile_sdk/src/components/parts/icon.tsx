import type { ReactNode } from "react";
import { View, type ViewStyle } from "react-native";

import { useScreens } from "../context.js";
import { toneColors, type Tone } from "./tone.js";

/** Signs drawn with views: no fonts, no pictures, sharp at every size. */
export type IconName =
  | "check"
  | "cross"
  | "bang"
  | "info"
  | "clock"
  | "person"
  | "shield"
  | "lock"
  | "pause"
  | "up"
  | "dots"
  | "chevron-down"
  | "chevron-up";

/** A sign beside words that say the same; screen readers pass over it. */
export function Icon(props: {
  readonly name: IconName;
  readonly size: number;
  readonly color: string;
}): ReactNode {
  const { size } = props;
  return (
    <View
      aria-hidden
      style={{
        width: size,
        height: size,
        alignItems: "center",
        justifyContent: "center",
        flexShrink: 0,
      }}
    >
      {glyph(props.name, size, props.color)}
    </View>
  );
}

/** The same in a coloured disc, for the head of a screen. */
export function Disc(props: {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly size?: number;
}): ReactNode {
  const { theme } = useScreens();
  const { soft, strong } = toneColors(theme.colors, props.tone);
  const size = props.size ?? 52;
  return (
    <View
      aria-hidden
      style={{
        width: size,
        height: size,
        borderRadius: size / 2,
        backgroundColor: soft,
        alignItems: "center",
        justifyContent: "center",
        flexShrink: 0,
      }}
    >
      <Icon name={props.icon} size={size * 0.5} color={strong} />
    </View>
  );
}

function glyph(name: IconName, size: number, color: string): ReactNode {
  const stroke = Math.max(2, size * 0.1);
  const bar = (style: ViewStyle) => (
    <View style={{ backgroundColor: color, borderRadius: stroke / 2, ...style }} />
  );
  switch (name) {
    case "check":
      return (
        <View
          style={{
            width: size * 0.68,
            height: size * 0.36,
            marginTop: -size * 0.16,
            borderColor: color,
            borderLeftWidth: stroke,
            borderBottomWidth: stroke,
            transform: [{ rotate: "-45deg" }],
          }}
        />
      );
    case "cross":
      return (
        <>
          {bar({
            position: "absolute",
            width: size * 0.78,
            height: stroke,
            transform: [{ rotate: "45deg" }],
          })}
          {bar({
            position: "absolute",
            width: size * 0.78,
            height: stroke,
            transform: [{ rotate: "-45deg" }],
          })}
        </>
      );
    case "bang":
    case "info": {
      const long = bar({ width: stroke * 1.2, height: size * 0.5 });
      const dot = bar({ width: stroke * 1.3, height: stroke * 1.3, borderRadius: stroke });
      return (
        <View style={{ alignItems: "center", gap: size * 0.1 }}>
          {name === "bang" ? long : dot}
          {name === "bang" ? dot : long}
        </View>
      );
    }
    case "clock":
      return (
        <View
          style={{
            width: size * 0.86,
            height: size * 0.86,
            borderRadius: size,
            borderWidth: stroke,
            borderColor: color,
          }}
        >
          {bar({
            position: "absolute",
            left: size * 0.43 - stroke * 1.5,
            top: size * 0.12,
            width: stroke,
            height: size * 0.28,
          })}
          {bar({
            position: "absolute",
            left: size * 0.43 - stroke * 1.5,
            top: size * 0.4 - stroke,
            width: size * 0.24,
            height: stroke,
          })}
        </View>
      );
    case "person":
      return (
        <View style={{ alignItems: "center", gap: size * 0.06 }}>
          {bar({ width: size * 0.38, height: size * 0.38, borderRadius: size })}
          {bar({
            width: size * 0.76,
            height: size * 0.38,
            borderRadius: 0,
            borderTopLeftRadius: size * 0.38,
            borderTopRightRadius: size * 0.38,
            borderBottomLeftRadius: size * 0.06,
            borderBottomRightRadius: size * 0.06,
          })}
        </View>
      );
    case "shield":
      return (
        <View
          style={{
            width: size * 0.78,
            height: size * 0.9,
            borderWidth: stroke,
            borderColor: color,
            borderTopLeftRadius: size * 0.14,
            borderTopRightRadius: size * 0.14,
            borderBottomLeftRadius: size * 0.4,
            borderBottomRightRadius: size * 0.4,
            alignItems: "center",
            justifyContent: "center",
          }}
        >
          {glyph("check", size * 0.46, color)}
        </View>
      );
    case "lock":
      return (
        <View style={{ alignItems: "center" }}>
          <View
            style={{
              width: size * 0.44,
              height: size * 0.36,
              borderWidth: stroke,
              borderBottomWidth: 0,
              borderColor: color,
              borderTopLeftRadius: size * 0.22,
              borderTopRightRadius: size * 0.22,
            }}
          />
          {bar({ width: size * 0.72, height: size * 0.5, borderRadius: size * 0.1 })}
        </View>
      );
    case "pause":
      return (
        <View style={{ flexDirection: "row", gap: size * 0.18 }}>
          {bar({ width: stroke * 1.6, height: size * 0.66 })}
          {bar({ width: stroke * 1.6, height: size * 0.66 })}
        </View>
      );
    case "up":
      return (
        <View style={{ alignItems: "center" }}>
          <View
            style={{
              width: size * 0.42,
              height: size * 0.42,
              borderColor: color,
              borderLeftWidth: stroke,
              borderTopWidth: stroke,
              marginBottom: -size * 0.36,
              marginTop: size * 0.08,
              transform: [{ rotate: "45deg" }],
            }}
          />
          {bar({ width: stroke, height: size * 0.72 })}
        </View>
      );
    case "dots":
      return (
        <View style={{ flexDirection: "row", gap: size * 0.12 }}>
          {bar({ width: size * 0.17, height: size * 0.17, borderRadius: size })}
          {bar({ width: size * 0.17, height: size * 0.17, borderRadius: size })}
          {bar({ width: size * 0.17, height: size * 0.17, borderRadius: size })}
        </View>
      );
    case "chevron-down":
    case "chevron-up":
      return (
        <View
          style={{
            width: size * 0.5,
            height: size * 0.5,
            borderColor: color,
            borderRightWidth: stroke,
            borderBottomWidth: stroke,
            marginTop: name === "chevron-down" ? -size * 0.2 : size * 0.2,
            transform: [{ rotate: name === "chevron-down" ? "45deg" : "225deg" }],
          }}
        />
      );
  }
}
