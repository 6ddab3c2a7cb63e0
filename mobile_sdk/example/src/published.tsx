import { useEffect, useState, type ReactNode } from "react";
import { Image, View } from "react-native";
import { useScreens } from "media-integrity-sdk/components";
import { useApp } from "./app-context";
import { Button, Card } from "./ui";

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

/** An object as a `data:` address, or null until it is there. Storage's rules decide who may. */
function usePicture(path: string): string | null {
  const { backend } = useApp();
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly uri: string } | null>(null);
  useEffect(() => {
    let mounted = true;
    void backend.load(path).then((uri) => {
      if (mounted && uri !== null) setLoaded({ path, uri });
    });
    return () => {
      mounted = false;
    };
  }, [backend, path]);
  return loaded?.path === path ? loaded.uri : null;
}
