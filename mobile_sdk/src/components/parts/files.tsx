import type { ReactNode } from "react";
import { View } from "react-native";

import type { Words } from "../../i18n/words.js";
import type { FileProblem } from "../../react/evidence-files.js";
import type { MediaSource } from "../../types/port.js";
import { useScreens } from "../context.js";
import { Button, Buttons } from "./button.js";
import { FieldError } from "./fields.js";
import { Row } from "./frame.js";
import { Heading, Txt } from "./text.js";

/** Files that go with an appeal or a report. */
export function Files(props: {
  readonly label: string;
  readonly hint: string;
  readonly files: readonly MediaSource[];
  readonly max: number;
  readonly problems: readonly string[];
  readonly disabled?: boolean;
  readonly onPick: () => void;
  readonly onRemove: (file: MediaSource) => void;
}): ReactNode {
  const { theme, words } = useScreens();
  const { t } = words;
  const { files, max, disabled = false } = props;
  return (
    <View style={{ gap: theme.space.m }}>
      <Heading level={2}>{`${props.label} (${t("common.optional")})`}</Heading>
      <Txt kind="small" muted>
        {props.hint}
      </Txt>
      {files.length === 0 ? null : (
        <View role="list" style={{ gap: theme.space.s }}>
          {files.map((file, index) => {
            const name = nameOf(file, index);
            return (
              <View key={`${String(index)} ${name}`} role="listitem">
                <Row spread>
                  <Txt style={{ flexShrink: 1 }}>
                    {name}
                    {"size" in file ? ` · ${words.bytes(file.size)}` : ""}
                  </Txt>
                  <Button
                    kind="quiet"
                    label={t("common.remove")}
                    spoken={t("common.removeItem", { name })}
                    disabled={disabled}
                    onPress={() => {
                      props.onRemove(file);
                    }}
                  />
                </Row>
              </View>
            );
          })}
        </View>
      )}
      {errorsOf(props.problems, max, words).map((text) => (
        <FieldError key={text}>{text}</FieldError>
      ))}
      <Buttons>
        <Button
          label={t("appeal.addFile")}
          disabled={disabled || files.length >= max}
          onPress={props.onPick}
        />
      </Buttons>
      {files.length === 0 ? null : (
        <Txt kind="small" muted live>
          {t("appeal.fileCount", { count: files.length, max })}
        </Txt>
      )}
    </View>
  );
}

const FILE_PROBLEMS: readonly FileProblem[] = ["too-many-files", "file-too-large", "file-type"];

function errorsOf(problems: readonly string[], max: number, { t }: Words): readonly string[] {
  return FILE_PROBLEMS.filter((problem) => problems.includes(problem)).map((problem) => {
    switch (problem) {
      case "too-many-files":
        return t("files.tooMany", { max });
      case "file-too-large":
        return t("files.tooLarge");
      case "file-type":
        return t("files.type");
    }
  });
}

function nameOf(file: MediaSource, index: number): string {
  const name = "name" in file && typeof file.name === "string" ? file.name : "";
  return name === "" ? String(index + 1) : name;
}
