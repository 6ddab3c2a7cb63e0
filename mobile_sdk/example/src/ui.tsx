import type { ReactNode } from "react";
import { Pressable, ScrollView, Text, TextInput, View } from "react-native";
import { useScreens, type Theme } from "media-integrity-sdk/components";

/** The few parts of which the app's own screens are made, in the SDK's look. */

function useTheme(): Theme {
  return useScreens().theme;
}

/** A screen of the app's own. Those of the SDK scroll by themselves. */
export function Page({ children }: { readonly children: ReactNode }): ReactNode {
  const { colors, maxWidth, space } = useTheme();
  return (
    <ScrollView
      contentContainerStyle={{
        alignSelf: "center",
        gap: space.l,
        maxWidth,
        paddingHorizontal: space.l,
        paddingVertical: space.xl,
        width: "100%",
      }}
      keyboardShouldPersistTaps="handled"
      style={{ backgroundColor: colors.background, flex: 1 }}
    >
      {children}
    </ScrollView>
  );
}

export function Title({ children }: { readonly children: string }): ReactNode {
  const { colors, type } = useTheme();
  return (
    <Text role="heading" aria-level={1} style={[type.title, { color: colors.text }]}>
      {children}
    </Text>
  );
}

export function Note({
  children,
  live = false,
}: {
  readonly children: string;
  readonly live?: boolean;
}): ReactNode {
  const { colors, type } = useTheme();
  return (
    <Text
      aria-live={live ? "polite" : "off"}
      selectable
      style={[type.body, { color: colors.textMuted }]}
    >
      {children}
    </Text>
  );
}

export function Card({ children }: { readonly children: ReactNode }): ReactNode {
  const { colors, radius, space } = useTheme();
  return (
    <View
      style={{
        backgroundColor: colors.surface,
        borderColor: colors.divider,
        borderRadius: radius.m,
        borderWidth: 1,
        gap: space.m,
        padding: space.l,
      }}
    >
      {children}
    </View>
  );
}

export interface ButtonProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly quiet?: boolean;
  readonly disabled?: boolean;
}

export function Button({
  label,
  onPress,
  quiet = false,
  disabled = false,
}: ButtonProps): ReactNode {
  const { colors, radius, space, touch, type } = useTheme();
  return (
    <Pressable
      role="button"
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={{
        alignItems: "center",
        backgroundColor: quiet ? colors.surface : colors.accent,
        borderColor: quiet ? colors.border : colors.accent,
        borderRadius: radius.m,
        borderWidth: 1,
        justifyContent: "center",
        minHeight: touch,
        paddingHorizontal: space.l,
        paddingVertical: space.s,
      }}
    >
      <Text style={[type.strong, { color: quiet ? colors.text : colors.onAccent }]}>{label}</Text>
    </Pressable>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly kind: "email" | "password";
}

export function Field({ label, value, onChange, kind }: FieldProps): ReactNode {
  const { colors, radius, space, touch, type } = useTheme();
  return (
    <View style={{ gap: space.xs }}>
      <Text style={[type.small, { color: colors.textMuted }]}>{label}</Text>
      <TextInput
        aria-label={label}
        autoCapitalize="none"
        autoComplete={kind === "email" ? "email" : "current-password"}
        inputMode={kind === "email" ? "email" : "text"}
        onChangeText={onChange}
        secureTextEntry={kind === "password"}
        style={[
          type.body,
          {
            backgroundColor: colors.surface,
            borderColor: colors.border,
            borderRadius: radius.s,
            borderWidth: 1,
            color: colors.text,
            minHeight: touch,
            paddingHorizontal: space.m,
          },
        ]}
        value={value}
      />
    </View>
  );
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few: a row of radio buttons. */
export function Choice<T extends string>(props: ChoiceProps<T>): ReactNode {
  const { colors, radius, space, touch, type } = useTheme();
  return (
    <View role="radiogroup" aria-label={props.label} style={{ gap: space.s }}>
      <Text style={[type.small, { color: colors.textMuted }]}>{props.label}</Text>
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: space.s }}>
        {props.options.map(({ value, label }) => {
          const chosen = value === props.value;
          return (
            <Pressable
              key={value}
              role="radio"
              aria-checked={chosen}
              onPress={() => props.onChange(value)}
              style={{
                backgroundColor: chosen ? colors.accentSoft : colors.surface,
                borderColor: chosen ? colors.accent : colors.border,
                borderRadius: radius.s,
                borderWidth: chosen ? 2 : 1,
                justifyContent: "center",
                minHeight: touch,
                paddingHorizontal: space.m,
              }}
            >
              <Text style={[type.body, { color: chosen ? colors.onAccentSoft : colors.text }]}>
                {label}
              </Text>
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}

export interface CheckProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

export function Check({ label, value, onChange }: CheckProps): ReactNode {
  const { colors, radius, space, touch, type } = useTheme();
  return (
    <Pressable
      role="checkbox"
      aria-checked={value}
      onPress={() => onChange(!value)}
      style={{ alignItems: "center", flexDirection: "row", gap: space.m, minHeight: touch }}
    >
      <View
        style={{
          alignItems: "center",
          backgroundColor: value ? colors.accent : colors.surface,
          borderColor: value ? colors.accent : colors.border,
          borderRadius: radius.s / 2,
          borderWidth: 2,
          height: 24,
          justifyContent: "center",
          width: 24,
        }}
      >
        {value && (
          <Text aria-hidden style={[type.small, { color: colors.onAccent }]}>
            ✓
          </Text>
        )}
      </View>
      <Text style={[type.body, { color: colors.text, flexShrink: 1 }]}>{label}</Text>
    </Pressable>
  );
}
