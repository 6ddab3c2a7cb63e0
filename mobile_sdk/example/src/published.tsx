import { useState, type ReactNode } from "react";
import { Image, View } from "react-native";
import { useScreens } from "media-integrity-sdk/components";
import { useApp } from "./app-context";
import { Button, Card } from "./ui";
import { usePicture } from "./use-picture";

export interface PublishedProps {
  /** Objects in Cloud Storage, as the outcome of an upload names them. */
  readonly path: string;
  readonly previewPath: string | null;
}

/** What was published, as others see it: blurred first, where that was decided. */
export function Published({ path, previewPath }: PublishedProps): ReactNode {
  const { words } = useApp();
  const { theme } = useScreens();
  const [open, setOpen] = useState(false);
  const blurred = previewPath !== null && !open;
  const picture = usePicture(blurred ? previewPath : path);
  return (
    <Card>
      {picture === null ? (
        <View style={{ backgroundColor: theme.colors.sunken, height: 260 }} />
      ) : (
        <Image
          accessible
          accessibilityLabel={words.yourUpload}
          resizeMode="contain"
          role="img"
          source={{ uri: picture }}
          style={{ backgroundColor: theme.colors.sunken, height: 260, width: "100%" }}
        />
      )}
      {blurred && <Button label={words.showIt} onPress={() => setOpen(true)} quiet />}
    </Card>
  );
}
