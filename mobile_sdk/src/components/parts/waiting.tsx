import type { ReactNode } from "react";

import { useScreens } from "../context.js";
import { Button, Buttons } from "./button.js";
import { Head, Screen } from "./frame.js";
import { Txt } from "./text.js";

/** A screen that has nothing to show yet. */
export function LoadingScreen(): ReactNode {
  const { words } = useScreens();
  return (
    <Screen testID="loading">
      <Txt muted live>
        {words.t("common.loading")}
      </Txt>
    </Screen>
  );
}

/** A screen that belongs to an account, while nobody is signed in. */
export function SignedOutScreen(): ReactNode {
  const { words } = useScreens();
  return (
    <Screen testID="signed-out">
      <Head
        state="signed-out"
        icon="person"
        tone="neutral"
        title={words.t("common.signedOut")}
        text={words.t("common.signedOutText")}
      />
    </Screen>
  );
}

/** A screen that could not get what it shows. */
export function FailedScreen(props: {
  readonly message: string;
  readonly onRetry?: () => void;
}): ReactNode {
  const { words } = useScreens();
  return (
    <Screen testID="failed">
      <Head
        state="failed"
        icon="bang"
        tone="caution"
        title={words.t("common.problem")}
        text={props.message}
      />
      {props.onRetry === undefined ? null : (
        <Buttons>
          <Button kind="primary" label={words.t("common.retry")} onPress={props.onRetry} />
        </Buttons>
      )}
    </Screen>
  );
}
