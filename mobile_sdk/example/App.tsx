import { onAuthStateChanged, type User } from "firebase/auth";
import { useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { View } from "react-native";
import { ScreensProvider, useScreens } from "media-integrity-sdk/components";
import { MediaIntegrityProvider } from "media-integrity-sdk/react";
import { Context, type AppContext } from "./src/app-context";
import { connect, type Backend } from "./src/backend";
import { loadConfig } from "./src/config";
import { NavigationContext, useNavigationHere } from "./src/navigation";
import { platform } from "./src/platform";
import { Here } from "./src/screens/here";
import { SignIn } from "./src/screens/sign-in";
import { loadSettings, saveSettings, type Settings } from "./src/settings";
import { TabBar } from "./src/tab-bar";
import { Note, Page } from "./src/ui";
import { WORDS } from "./src/words";

type Start =
  | { readonly state: "starting" }
  | { readonly state: "failed"; readonly why: string }
  | { readonly state: "ready"; readonly backend: Backend; readonly settings: Settings };

async function start(): Promise<Start> {
  try {
    const config = await loadConfig(platform.configUrl);
    const settings = await loadSettings(platform.settings, platform.language);
    return { state: "ready", backend: connect(config, settings), settings };
  } catch (error) {
    return { state: "failed", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Firebase takes one start only, however often React mounts. */
let started: Promise<Start> | undefined;

export function App(): ReactNode {
  const [state, setState] = useState<Start>({ state: "starting" });
  useEffect(() => {
    let mounted = true;
    started ??= start();
    void started.then((now) => {
      if (mounted) setState(now);
    });
    return () => {
      mounted = false;
    };
  }, []);

  switch (state.state) {
    case "starting":
      return null;
    case "failed":
      return (
        <View role="main" style={{ flex: 1 }}>
          <Page>
            <Note>{state.why}</Note>
          </Page>
        </View>
      );
    case "ready":
      return <Ready backend={state.backend} first={state.settings} />;
  }
}

function Ready({
  backend,
  first,
}: {
  readonly backend: Backend;
  readonly first: Settings;
}): ReactNode {
  const [settings, setSettings] = useState(first);
  const client = useSyncExternalStore(backend.onClient, backend.client);
  const user = useUser(backend);
  const navigation = useNavigationHere();

  const app = useMemo((): AppContext => {
    const change = (changes: Partial<Settings>) => {
      const changed = { ...settings, ...changes };
      setSettings(changed);
      backend.apply(changed);
      void saveSettings(platform.settings, changed);
    };
    const words = WORDS[settings.language];
    return { backend, change, settings, user: user ?? null, words };
  }, [backend, settings, user]);

  if (user === undefined) return null;
  return (
    <MediaIntegrityProvider client={client} language={settings.language}>
      <ScreensProvider language={settings.language} mode={settings.mode}>
        <Context value={app}>
          <NavigationContext value={navigation}>
            <Frame signedIn={user !== null} />
          </NavigationContext>
        </Context>
      </ScreensProvider>
    </MediaIntegrityProvider>
  );
}

function Frame({ signedIn }: { readonly signedIn: boolean }): ReactNode {
  const { theme, words } = useScreens();
  const { route } = useNavigationHere();
  useEffect(() => platform.announce(words.language, words.direction), [words]);
  // Whoever was sent a link can answer without an account.
  const open = signedIn || route.at === "consent";
  return (
    <View style={{ backgroundColor: theme.colors.background, flex: 1 }}>
      <View role="main" style={{ flex: 1 }}>
        {open ? <Here /> : <SignIn />}
      </View>
      {signedIn && <TabBar />}
    </View>
  );
}

/** Undefined until Firebase knows. */
function useUser(backend: Backend): User | null | undefined {
  const [user, setUser] = useState<User | null>();
  useEffect(() => onAuthStateChanged(backend.auth, setUser), [backend]);
  return user;
}
