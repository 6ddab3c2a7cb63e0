import { useId, useRef, type ComponentRef, type ReactNode } from "react";
import { Pressable, TextInput, View } from "react-native";

import { useScreens } from "../context.js";
import { useFocusRing } from "./focus.js";
import { Icon } from "./icon.js";
import { nativeOnly, webOnly } from "./platform.js";
import { Txt } from "./text.js";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  /** What is wrong with it; said together with the field. */
  readonly error?: string | null;
  /** Below the field, said when it changes. */
  readonly counter?: string;
  readonly optional?: boolean;
  /** Lines to begin with; one: a single line. */
  readonly lines?: number;
  readonly maxLength?: number;
  readonly kind?: "text" | "url" | "email" | "name";
  readonly disabled?: boolean;
}

/** A text that is typed in, tied to its label, hint and error. */
export function TextField(props: TextFieldProps): ReactNode {
  const { theme, words } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const id = useId();
  const { lines = 1, kind = "text", error = null, disabled = false } = props;
  const { colors, space, type } = theme;
  const isError = error !== null;
  const below = [
    ...(props.hint === undefined ? [] : [`${id}-hint`]),
    ...(isError ? [`${id}-error`] : []),
  ];
  const ltr = kind === "url" || kind === "email";

  return (
    <View style={{ gap: space.xs }}>
      <Txt kind="strong" id={`${id}-label`}>
        {props.label}
        {props.optional === true ? ` (${words.t("common.optional")})` : ""}
      </Txt>
      {props.hint === undefined ? null : (
        <Txt kind="small" muted id={`${id}-hint`}>
          {props.hint}
        </Txt>
      )}
      <TextInput
        value={props.value}
        onChangeText={props.onChange}
        onFocus={onFocus}
        onBlur={onBlur}
        multiline={lines > 1}
        editable={!disabled}
        {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
        {...inputOf(kind)}
        {...nativeOnly({
          accessibilityLabel: props.label,
          accessibilityHint: [props.hint, error].filter(Boolean).join(" "),
        })}
        {...webOnly({
          "aria-labelledby": `${id}-label`,
          "aria-invalid": isError,
          ...(below.length === 0 ? {} : { "aria-describedby": below.join(" ") }),
          ...(ltr ? { dir: "ltr" } : { dir: "auto" }),
        })}
        style={[
          type.body,
          {
            color: colors.text,
            backgroundColor: disabled ? colors.sunken : colors.surface,
            borderColor: isError ? colors.critical : colors.border,
            borderWidth: isError ? 2 : 1,
            borderRadius: theme.radius.m,
            paddingHorizontal: space.m,
            paddingVertical: space.m - 2,
            minHeight: lines > 1 ? type.body.lineHeight * lines + 2 * space.m : theme.touch,
            textAlignVertical: lines > 1 ? "top" : "center",
          },
          theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
          ring,
        ]}
      />
      {isError ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
      {props.counter === undefined ? null : (
        <Txt kind="small" muted live>
          {props.counter}
        </Txt>
      )}
    </View>
  );
}

/** What is wrong with a field: a sign and words. */
export function FieldError(props: {
  readonly id?: string;
  readonly children: ReactNode;
}): ReactNode {
  const { theme } = useScreens();
  return (
    <View style={{ flexDirection: "row", gap: theme.space.s, alignItems: "flex-start" }}>
      <View style={{ paddingTop: 3 }}>
        <Icon name="bang" size={14} color={theme.colors.critical} />
      </View>
      <Txt
        kind="small"
        color={theme.colors.critical}
        live
        style={{ flexShrink: 1 }}
        {...(props.id === undefined ? {} : { id: props.id })}
      >
        {props.children}
      </Txt>
    </View>
  );
}

function inputOf(kind: TextFieldProps["kind"]) {
  switch (kind) {
    case "url":
      return {
        inputMode: "url" as const,
        autoCapitalize: "none" as const,
        autoCorrect: false,
        autoComplete: "url" as const,
      };
    case "email":
      return {
        inputMode: "email" as const,
        autoCapitalize: "none" as const,
        autoCorrect: false,
        autoComplete: "email" as const,
      };
    case "name":
      return {
        autoCapitalize: "words" as const,
        autoCorrect: false,
        autoComplete: "name" as const,
      };
    default:
      return {};
  }
}

export interface Option<T extends string> {
  readonly value: T;
  readonly title: string;
  readonly text?: string;
}

export interface RadioGroupProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly error?: string | null;
  readonly disabled?: boolean;
  /** The heading above already says it. */
  readonly hideLabel?: boolean;
}

/** One of several. On a keyboard: arrows move, as in every radio group. */
export function RadioGroup<T extends string>(props: RadioGroupProps<T>): ReactNode {
  const { theme, words } = useScreens();
  const id = useId();
  const items = useRef(new Map<T, ComponentRef<typeof View>>());
  const { options, value, error = null, disabled = false } = props;
  const reachable = options.some((option) => option.value === value) ? value : options[0]?.value;

  const move = (from: number, by: number) => {
    const next = options[(from + by + options.length) % options.length];
    if (next === undefined) return;
    props.onChange(next.value);
    items.current.get(next.value)?.focus();
  };
  const onKey = (index: number) => (event: { key: string; preventDefault: () => void }) => {
    const forward = words.direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = words.direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === "ArrowDown" || event.key === forward) move(index, 1);
    else if (event.key === "ArrowUp" || event.key === backward) move(index, -1);
    else if (event.key === " ") move(index, 0);
    else return;
    event.preventDefault();
  };

  return (
    <View style={{ gap: theme.space.s }}>
      {props.hideLabel === true ? null : (
        <Txt kind="strong" id={`${id}-label`}>
          {props.label}
        </Txt>
      )}
      <View
        role="radiogroup"
        {...(props.hideLabel === true ? { "aria-label": props.label } : {})}
        {...webOnly({
          ...(props.hideLabel === true ? {} : { "aria-labelledby": `${id}-label` }),
          ...(error === null ? {} : { "aria-describedby": `${id}-error` }),
          "aria-invalid": error !== null,
        })}
        {...nativeOnly({ accessibilityLabel: props.label, accessibilityHint: error ?? "" })}
        style={{ gap: theme.space.s }}
      >
        {options.map((option, index) => (
          <Choice
            key={option.value}
            title={option.title}
            text={option.text ?? null}
            checked={option.value === value}
            disabled={disabled}
            invalid={error !== null}
            onPress={() => {
              props.onChange(option.value);
            }}
            itemRef={(item) => {
              if (item === null) items.current.delete(option.value);
              else items.current.set(option.value, item);
            }}
            web={{
              tabIndex: disabled ? -1 : option.value === reachable ? 0 : -1,
              onKeyDown: onKey(index),
            }}
          />
        ))}
      </View>
      {error === null ? null : <FieldError id={`${id}-error`}>{error}</FieldError>}
    </View>
  );
}

function Choice({
  title,
  text,
  checked,
  disabled,
  invalid,
  onPress,
  itemRef,
  web,
}: {
  readonly title: string;
  readonly text: string | null;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly invalid: boolean;
  readonly onPress: () => void;
  readonly itemRef: (item: ComponentRef<typeof View> | null) => void;
  readonly web: Readonly<Record<string, unknown>>;
}): ReactNode {
  const { theme } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const { colors, space } = theme;
  return (
    <Pressable
      ref={itemRef}
      role="radio"
      aria-checked={checked}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      onFocus={onFocus}
      onBlur={onBlur}
      {...webOnly(web)}
      style={[
        {
          minHeight: theme.touch,
          flexDirection: "row",
          alignItems: "flex-start",
          gap: space.m,
          padding: space.m,
          borderRadius: theme.radius.m,
          borderWidth: 1,
          borderColor: checked ? colors.accent : invalid ? colors.critical : colors.divider,
          backgroundColor: checked ? colors.accentSoft : colors.surface,
        },
        ring,
      ]}
    >
      <View
        aria-hidden
        style={{
          width: 22,
          height: 22,
          marginTop: 1,
          borderRadius: 11,
          borderWidth: 2,
          borderColor: checked ? colors.accent : colors.border,
          backgroundColor: colors.surface,
          alignItems: "center",
          justifyContent: "center",
          flexShrink: 0,
        }}
      >
        {checked ? (
          <View
            style={{ width: 10, height: 10, borderRadius: 5, backgroundColor: colors.accent }}
          />
        ) : null}
      </View>
      <View style={{ flexShrink: 1, flexGrow: 1, gap: 2 }}>
        <Txt kind="strong">{title}</Txt>
        {text === null ? null : (
          <Txt kind="small" muted>
            {text}
          </Txt>
        )}
      </View>
    </Pressable>
  );
}

export interface TickProps {
  readonly label: string;
  readonly text?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly error?: string | null;
  readonly disabled?: boolean;
}

/** A box to tick. */
export function Checkbox(props: TickProps): ReactNode {
  return <Tick {...props} role="checkbox" />;
}

/** Something that is switched on or off at once. */
export function Toggle(props: TickProps): ReactNode {
  return <Tick {...props} role="switch" />;
}

function Tick(props: TickProps & { readonly role: "checkbox" | "switch" }): ReactNode {
  const { theme, words } = useScreens();
  const { ring, onFocus, onBlur } = useFocusRing();
  const id = useId();
  const { checked, error = null, disabled = false } = props;
  const { colors, space } = theme;
  const change = () => {
    props.onChange(!checked);
  };
  const described = [
    ...(props.text === undefined ? [] : [`${id}-text`]),
    ...(error === null ? [] : [`${id}-error`]),
  ];

  const sign =
    props.role === "checkbox" ? (
      <View
        aria-hidden
        style={{
          width: 24,
          height: 24,
          borderRadius: 6,
          borderWidth: 2,
          borderColor: checked ? colors.accent : error === null ? colors.border : colors.critical,
          backgroundColor: checked ? colors.accent : colors.surface,
          alignItems: "center",
          justifyContent: "center",
          flexShrink: 0,
        }}
      >
        {checked ? <Icon name="check" size={18} color={colors.onAccent} /> : null}
      </View>
    ) : (
      <View
        aria-hidden
        style={{ alignItems: "center", gap: 2, flexShrink: 0, opacity: disabled ? 0.6 : 1 }}
      >
        <View
          style={{
            width: 48,
            height: 28,
            borderRadius: 14,
            borderWidth: 2,
            borderColor: checked ? colors.accent : colors.border,
            backgroundColor: checked ? colors.accent : colors.surface,
            padding: 2,
            alignItems: checked ? "flex-end" : "flex-start",
            justifyContent: "center",
          }}
        >
          <View
            style={{
              width: 20,
              height: 20,
              borderRadius: 10,
              backgroundColor: checked ? colors.onAccent : colors.border,
            }}
          />
        </View>
        <Txt kind="small" muted>
          {words.t(checked ? "common.on" : "common.off")}
        </Txt>
      </View>
    );

  return (
    <View style={{ gap: space.xs }}>
      <Pressable
        role={props.role}
        aria-checked={checked}
        aria-disabled={disabled}
        aria-label={props.label}
        disabled={disabled}
        onPress={change}
        onFocus={onFocus}
        onBlur={onBlur}
        {...nativeOnly({ accessibilityHint: [props.text, error].filter(Boolean).join(" ") })}
        {...webOnly({
          ...(described.length === 0 ? {} : { "aria-describedby": described.join(" ") }),
          ...(props.role === "checkbox" ? { "aria-invalid": error !== null } : {}),
          onKeyDown: (event: { key: string; preventDefault: () => void }) => {
            if (event.key !== " " || disabled) return;
            event.preventDefault();
            change();
          },
        })}
        style={[
          {
            minHeight: theme.touch,
            flexDirection: props.role === "checkbox" ? "row" : "row-reverse",
            alignItems: "flex-start",
            gap: space.m,
            paddingVertical: space.s,
            borderRadius: theme.radius.s,
          },
          ring,
        ]}
      >
        {sign}
        <View style={{ flexShrink: 1, flexGrow: 1, gap: 2 }}>
          <Txt kind={props.role === "checkbox" ? "body" : "strong"}>{props.label}</Txt>
          {props.text === undefined ? null : (
            <Txt kind="small" muted id={`${id}-text`}>
              {props.text}
            </Txt>
          )}
        </View>
      </Pressable>
      {error === null ? null : <FieldError id={`${id}-error`}>{error}</FieldError>}
    </View>
  );
}
