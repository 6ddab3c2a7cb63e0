import { useEffect, useRef, type ComponentRef, type ReactNode } from "react";
import { AccessibilityInfo, Platform, Text, View } from "react-native";

import { useScreens } from "../context.js";
import { Icon } from "./icon.js";
import { webOnly } from "./platform.js";

/** Says after every try how many things are missing, and takes the focus there. */
export function Summary(props: { readonly tries: number; readonly children: string }): ReactNode {
  const { theme } = useScreens();
  const ref = useRef<ComponentRef<typeof Text>>(null);
  const { colors, space } = theme;
  useEffect(() => {
    if (props.tries === 0 || ref.current === null) return;
    if (Platform.OS === "web") ref.current.focus();
    else AccessibilityInfo.sendAccessibilityEvent(ref.current, "focus");
  }, [props.tries]);
  return (
    <View
      role="alert"
      style={{
        flexDirection: "row",
        alignItems: "flex-start",
        gap: space.m,
        padding: space.m,
        borderRadius: theme.radius.m,
        backgroundColor: colors.criticalSoft,
      }}
    >
      <View style={{ paddingTop: 2 }}>
        <Icon name="bang" size={20} color={colors.critical} />
      </View>
      <Text
        ref={ref}
        {...webOnly({ tabIndex: -1 })}
        style={[
          theme.type.strong,
          { color: colors.onCriticalSoft, flexShrink: 1, outlineWidth: 0 },
          theme.fontFamily === undefined ? null : { fontFamily: theme.fontFamily },
        ]}
      >
        {props.children}
      </Text>
    </View>
  );
}
