import type { ReactNode } from "react";
import { View } from "react-native";

import { useScreens } from "./context.js";
import { Frame } from "./parts/frame.js";
import { Icon } from "./parts/icon.js";
import { Disclosure, Tag } from "./parts/status.js";
import { Txt } from "./parts/text.js";

export interface ProtectedBadgeProps {
  /** `short`: a word with a sign. `full`: with what it means. */
  readonly kind?: "short" | "full";
}

/** Says that published media carries a hidden mark by which a leaked copy is traced. */
export function ProtectedBadge(props: ProtectedBadgeProps): ReactNode {
  const { theme, words } = useScreens();
  if (props.kind !== "full") {
    return (
      <Frame>
        <Tag tone="positive" icon="shield">
          {words.t("badge.short")}
        </Tag>
      </Frame>
    );
  }
  return (
    <Frame
      style={{
        borderRadius: theme.radius.l,
        borderWidth: 1,
        borderColor: theme.colors.divider,
        backgroundColor: theme.colors.surface,
        padding: theme.space.l,
        gap: theme.space.xs,
      }}
    >
      <View style={{ flexDirection: "row", alignItems: "center", gap: theme.space.m }}>
        <Icon name="shield" size={22} color={theme.colors.positive} />
        <Txt kind="strong" style={{ flexShrink: 1 }}>
          {words.t("badge.title")}
        </Txt>
      </View>
      <Disclosure title={words.t("badge.more")}>
        <Txt muted>{words.t("badge.text")}</Txt>
      </Disclosure>
    </Frame>
  );
}
