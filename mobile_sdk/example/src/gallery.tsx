/**
 * All views in all states: `gallery.html#media-blocked/likely?mode=dark&language=ar&scale=2`.
 * Without a state: a list of them.
 */
import { useSyncExternalStore, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { languageOf, ScreensProvider } from "media-integrity-sdk/components";
import { STATES } from "./gallery-states.js";

function useHash(): string {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener("hashchange", changed);
      return () => window.removeEventListener("hashchange", changed);
    },
    () => window.location.hash.slice(1),
  );
}

function Gallery(): ReactNode {
  const [name = "", query = ""] = useHash().split("?");
  const wish = new URLSearchParams(query);
  const state = STATES[name];
  const mode = wish.get("mode");
  return state === undefined ? (
    <main>
      <h1>Gallery</h1>
      <ul>
        {Object.keys(STATES).map((each) => (
          <li key={each}>
            <a href={`#${each}`}>{each}</a>
          </li>
        ))}
      </ul>
    </main>
  ) : (
    <ScreensProvider
      language={languageOf(wish.get("language") ?? "en")}
      mode={mode === "dark" ? "dark" : "light"}
      textScale={Number(wish.get("scale") ?? "1")}
      country={wish.get("country") ?? "DE"}
    >
      <Page dark={mode === "dark"} padded={INLINE.test(name)}>
        {state()}
      </Page>
    </ScreensProvider>
  );
}

/** Parts of a screen, which bring no space of their own. */
const INLINE = /^(scan-progress|protected-badge|notifications)\//;

function Page(props: {
  readonly dark: boolean;
  readonly padded: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <main
      style={{
        minHeight: "100vh",
        background: props.dark ? "#0e1418" : "#f4f6f8",
        padding: props.padded ? 16 : 0,
        boxSizing: "border-box",
        display: "flex",
        flexDirection: "column",
      }}
    >
      {props.children}
    </main>
  );
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Gallery />);
