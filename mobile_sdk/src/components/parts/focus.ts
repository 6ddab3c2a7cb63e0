import { useCallback, useEffect, useRef, useState, type ComponentRef, type RefObject } from "react";
import { AccessibilityInfo, Platform, type Text, type ViewStyle } from "react-native";

import { useScreens } from "../context.js";

/** A ring around what the keyboard is on. */
export function useFocusRing(): {
  readonly ring: ViewStyle;
  readonly onFocus: () => void;
  readonly onBlur: () => void;
} {
  const { theme } = useScreens();
  const [focused, setFocused] = useState(false);
  const onFocus = useCallback(() => {
    setFocused(byKeyboard());
  }, []);
  const onBlur = useCallback(() => {
    setFocused(false);
  }, []);
  return {
    ring: {
      outlineWidth: focused ? 3 : 0,
      outlineColor: theme.colors.focus,
      outlineStyle: "solid",
      outlineOffset: 2,
    },
    onFocus,
    onBlur,
  };
}

/** Moves focus to a heading when `key` changes, so that a screen reader says what is new. */
export function useFocusOnChange(key: string): RefObject<ComponentRef<typeof Text> | null> {
  const ref = useRef<ComponentRef<typeof Text>>(null);
  const previous = useRef(key);
  useEffect(() => {
    if (previous.current === key) return;
    previous.current = key;
    if (ref.current === null) return;
    if (Platform.OS === "web") ref.current.focus();
    else AccessibilityInfo.sendAccessibilityEvent(ref.current, "focus");
  }, [key]);
  return ref;
}

function byKeyboard(): boolean {
  if (Platform.OS !== "web") return true;
  try {
    return document.activeElement?.matches(":focus-visible") ?? false;
  } catch {
    return true;
  }
}
