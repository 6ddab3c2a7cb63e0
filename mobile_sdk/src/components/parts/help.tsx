import type { ReactNode } from "react";
import { View } from "react-native";

import { helpLinesFor, type HelpLine } from "../../i18n/help-lines.js";
import { useScreens } from "../context.js";
import { OutsideLink } from "./button.js";
import { Disclosure } from "./status.js";
import { Txt } from "./text.js";

/** Services that help, those of the person's country first. Closed at first: it need not concern them. */
export function HelpSection(props: { readonly initiallyOpen?: boolean }): ReactNode {
  const { theme, words, helpLines, country } = useScreens();
  const lines = helpLinesFor(country, helpLines);
  if (lines.length === 0) return null;
  return (
    <View
      style={{
        borderRadius: theme.radius.l,
        borderWidth: 1,
        borderColor: theme.colors.divider,
        backgroundColor: theme.colors.surface,
        paddingHorizontal: theme.space.l,
        paddingVertical: theme.space.xs,
      }}
    >
      <Disclosure title={words.t("help.heading")} initiallyOpen={props.initiallyOpen ?? false}>
        <Txt kind="small" muted>
          {words.t("help.text")}
        </Txt>
        <View role="list" style={{ gap: theme.space.m, paddingVertical: theme.space.s }}>
          {lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </View>
        <Txt kind="small" muted style={{ paddingBottom: theme.space.m }}>
          {words.t("help.emergency")}
        </Txt>
      </Disclosure>
    </View>
  );
}

function Line(props: { readonly line: HelpLine }): ReactNode {
  const { theme, words } = useScreens();
  const { line } = props;
  const site = line.url.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");
  return (
    <View role="listitem">
      <Txt kind="strong">{line.name}</Txt>
      <Txt kind="small" muted>
        {words.t(`help.${line.kind}`)}
        {line.countries.length === 0 ? ` · ${words.t("help.worldwide")}` : ""}
      </Txt>
      <View style={{ flexDirection: "row", flexWrap: "wrap", columnGap: theme.space.l }}>
        {line.phone === undefined ? null : (
          <OutsideLink
            label={words.t("help.call", { number: line.phone })}
            url={`tel:${line.phone.replace(/\s/g, "")}`}
          />
        )}
        <OutsideLink label={words.t("help.visit", { site })} url={line.url} />
      </View>
    </View>
  );
}
