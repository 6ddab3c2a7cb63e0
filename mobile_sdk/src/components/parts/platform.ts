import { Platform } from "react-native";

const NOTHING: Readonly<Record<string, unknown>> = {};

/** Properties of the DOM that React Native's types do not know; nothing on phones. */
export function webOnly(
  props: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Platform.OS === "web" ? props : NOTHING;
}

/** The other way about. */
export function nativeOnly(
  props: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Platform.OS === "web" ? NOTHING : props;
}
