import type { ReactNode } from "react";
import { Pressable, Text, View } from "react-native";
import { useNotifications } from "media-integrity-sdk/react";
import { useScreens } from "media-integrity-sdk/components";
import { useApp } from "./app-context";
import { TABS, tabOf, useNavigation } from "./navigation";

export function TabBar(): ReactNode {
  const { words } = useApp();
  const { route, go } = useNavigation();
  const { theme } = useScreens();
  const { colors, space, touch, type } = theme;
  const { notifications } = useNotifications();
  const unread = notifications.state === "ready" ? notifications.unread : 0;
  return (
    <View
      role="navigation"
      style={{ backgroundColor: colors.surface, borderTopColor: colors.divider, borderTopWidth: 1 }}
    >
      <View
        role="tablist"
        style={{ alignSelf: "center", flexDirection: "row", flexWrap: "wrap", maxWidth: 760 }}
      >
        {TABS.map((tab) => {
          const chosen = tabOf(route) === tab;
          const label = words.tabs[tab];
          return (
            <Pressable
              key={tab}
              role="tab"
              aria-selected={chosen}
              onPress={() => go({ at: tab })}
              style={{
                alignItems: "center",
                borderTopColor: chosen ? colors.accent : colors.surface,
                borderTopWidth: 3,
                flexGrow: 1,
                justifyContent: "center",
                minHeight: touch,
                paddingHorizontal: space.s,
              }}
            >
              <Text
                style={[
                  type.small,
                  chosen && { fontWeight: "700" },
                  { color: chosen ? colors.accent : colors.textMuted },
                ]}
              >
                {tab === "notifications" && unread > 0 ? `${label} (${unread})` : label}
              </Text>
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}
