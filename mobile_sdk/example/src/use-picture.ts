import { useEffect, useState } from "react";
import { useApp } from "./app-context";

/** A stored picture as a `data:` address, or null until it is there. Storage's rules decide who may. */
export function usePicture(path: string | null): string | null {
  const { backend } = useApp();
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly uri: string } | null>(
    null,
  );
  useEffect(() => {
    let mounted = true;
    if (path !== null) {
      void backend.load(path).then((uri) => {
        if (mounted && uri !== null) setLoaded({ path, uri });
      });
    }
    return () => {
      mounted = false;
    };
  }, [backend, path]);
  return loaded !== null && loaded.path === path ? loaded.uri : null;
}
