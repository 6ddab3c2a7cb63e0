import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Animated, Pressable, View } from "react-native";

import { useScreens } from "../context.js";
import { useFocusRing } from "./focus.js";
import { Icon, type IconName } from "./icon.js";
import { webOnly } from "./platform.js";
import { Txt } from "./text.js";
import { toneColors, type Tone } from "./tone.js";

/** Something to know, set off from the rest by a sign and a colour. */
export function Notice(props: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly title?: string;
  readonly live?: boolean;
  readonly children?: ReactNode;
}): ReactNode {
  const { theme } = useScreens();
  const { soft, strong, onSoft } = toneColors(theme.colors, props.tone);
  const icon =
    props.icon ?? (props.tone === "critical" || props.tone === "caution" ? "bang" : "info");
  return (
    <View
      {...(props.live === true ? { role: "status" as const, "aria-live": "polite" as const } : {})}
      style={{
        flexDirection: "row",
        alignItems: "flex-start",
        gap: theme.space.m,
        padding: theme.space.m,
        borderRadius: theme.radius.m,
        backgroundColor: soft,
      }}
    >
      <View style={{ paddingTop: 2 }}>
        <Icon name={icon} size={20} color={strong} />
      </View>
      <View style={{ flexShrink: 1, flexGrow: 1, gap: 2 }}>
        {props.title === undefined ? null : (
          <Txt kind="strong" color={onSoft}>
            {props.title}
          </Txt>
        )}
        {props.children === undefined ? null : (
          <Txt kind="small" color={onSoft}>
            {props.children}
          </Txt>
        )}
      </View>
    </View>
  );
}

/** A short state, as a word with a sign. */
export function Tag(props: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly children: string;
}): ReactNode {
  const { theme } = useScreens();
  const { soft, strong, onSoft } = toneColors(theme.colors, props.tone);
  return (
    <View
      style={{
        flexDirection: "row",
        alignItems: "center",
        alignSelf: "flex-start",
        maxWidth: "100%",
        gap: theme.space.xs + 2,
        paddingHorizontal: theme.space.m,
        paddingVertical: theme.space.xs,
        borderRadius: 999,
        backgroundColor: soft,
      }}
    >
      {props.icon === undefined ? null : <Icon name={props.icon} size={14} color={strong} />}
      <Txt kind="small" color={onSoft} style={{ fontWeight: "600", flexShrink: 1 }}>
        {props.children}
      </Txt>
    </View>
  );
}

const GROW_MS = 250;

/** How far something is. `value` from 0 to 1; null: not known. */
export function ProgressBar(props: {
  readonly value: number | null;
  readonly label: string;
  readonly tone?: Tone;
}): ReactNode {
  const { theme, words, reduceMotion } = useScreens();
  const { strong } = toneColors(theme.colors, props.tone ?? "accent");
  const share = props.value === null ? 0 : Math.min(1, Math.max(0, props.value));
  const [width] = useState(() => new Animated.Value(share));
  useEffect(() => {
    if (reduceMotion) {
      width.setValue(share);
      return undefined;
    }
    const growing = Animated.timing(width, {
      toValue: share,
      duration: GROW_MS,
      useNativeDriver: false,
    });
    growing.start();
    return () => {
      growing.stop();
    };
  }, [share, width, reduceMotion]);

  return (
    <View
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(props.value === null
        ? { "aria-busy": true }
        : { "aria-valuenow": Math.floor(share * 100), "aria-valuetext": words.percent(share) })}
      style={{
        height: 10,
        borderRadius: 5,
        overflow: "hidden",
        backgroundColor: theme.colors.sunken,
        borderWidth: 1,
        borderColor: theme.colors.border,
        flexDirection: "row",
      }}
    >
      <Animated.View
        style={{
          height: "100%",
          backgroundColor: strong,
          width: width.interpolate({ inputRange: [0, 1], outputRange: ["0%", "100%"] }),
        }}
      />
    </View>
  );
}

export interface Step {
  readonly key: string;
  readonly label: string;
  readonly text?: string;
  readonly state: "done" | "now" | "next";
  readonly tone?: Tone;
}

/** Where something stands, as a list with what was and what comes. */
export function Steps(props: {
  readonly label: string;
  readonly steps: readonly Step[];
}): ReactNode {
  const { theme, words } = useScreens();
  const { colors, space } = theme;
  return (
    <View role="list" aria-label={props.label} style={{ gap: space.s }}>
      {props.steps.map((step) => {
        const strong = toneColors(colors, step.tone ?? "accent").strong;
        const said = words.t(
          step.state === "done"
            ? "progress.stepDone"
            : step.state === "now"
              ? "progress.stepNow"
              : "progress.stepNext",
        );
        return (
          <View
            key={step.key}
            role="listitem"
            aria-label={`${step.label}, ${said}`}
            {...webOnly(step.state === "now" ? { "aria-current": "step" } : {})}
            style={{ flexDirection: "row", alignItems: "flex-start", gap: space.m }}
          >
            <View
              aria-hidden
              style={{
                width: 24,
                height: 24,
                borderRadius: 12,
                borderWidth: 2,
                borderColor: step.state === "next" ? colors.border : strong,
                backgroundColor: step.state === "done" ? strong : colors.surface,
                alignItems: "center",
                justifyContent: "center",
                flexShrink: 0,
              }}
            >
              {step.state === "done" ? (
                <Icon name="check" size={14} color={colors.surface} />
              ) : step.state === "now" ? (
                <View style={{ width: 10, height: 10, borderRadius: 5, backgroundColor: strong }} />
              ) : null}
            </View>
            <View style={{ flexShrink: 1, flexGrow: 1 }}>
              <Txt kind={step.state === "now" ? "strong" : "body"} muted={step.state === "next"}>
                {step.label}
              </Txt>
              {step.text === undefined ? null : (
                <Txt kind="small" muted>
                  {step.text}
                </Txt>
              )}
            </View>
          </View>
        );
      })}
    </View>
  );
}

/** A line that opens to more. */
export function Disclosure(props: {
  readonly title: string;
  readonly initiallyOpen?: boolean;
  readonly onOpen?: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const { theme } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const id = useId();
  const [open, setOpen] = useState(props.initiallyOpen ?? false);
  const asked = useRef(false);
  const toggle = () => {
    if (!open && !asked.current) {
      asked.current = true;
      props.onOpen?.();
    }
    setOpen(!open);
  };
  return (
    <View style={{ gap: theme.space.s }}>
      <Pressable
        role="button"
        onPress={toggle}
        onFocus={onFocus}
        onBlur={onBlur}
        aria-expanded={open}
        {...webOnly(open ? { "aria-controls": id } : {})}
        style={[
          {
            minHeight: theme.touch,
            flexDirection: "row",
            alignItems: "center",
            justifyContent: "space-between",
            gap: theme.space.m,
            borderRadius: theme.radius.s,
          },
          ring,
        ]}
      >
        <Txt kind="strong" color={theme.colors.accent} style={{ flexShrink: 1 }}>
          {props.title}
        </Txt>
        <Icon name={open ? "chevron-up" : "chevron-down"} size={18} color={theme.colors.accent} />
      </Pressable>
      {open ? (
        <View nativeID={id} style={{ gap: theme.space.s }}>
          {props.children}
        </View>
      ) : null}
    </View>
  );
}

/** Points of a list, one sentence each. */
export function Points(props: { readonly children: readonly string[] }): ReactNode {
  const { theme } = useScreens();
  return (
    <View role="list" style={{ gap: theme.space.s }}>
      {props.children.map((text) => (
        <View key={text} role="listitem" style={{ flexDirection: "row", gap: theme.space.s }}>
          <View
            aria-hidden
            style={{
              width: 5,
              height: 5,
              marginTop: theme.type.body.lineHeight / 2 - 2,
              borderRadius: 3,
              backgroundColor: theme.colors.textMuted,
            }}
          />
          <Txt style={{ flexShrink: 1 }}>{text}</Txt>
        </View>
      ))}
    </View>
  );
}
