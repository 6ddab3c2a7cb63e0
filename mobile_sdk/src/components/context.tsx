import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { AccessibilityInfo, Platform, useColorScheme } from "react-native";

import { HELP_LINES, type HelpLine } from "../i18n/help-lines.js";
import { countryOf } from "../i18n/languages.js";
import { createWords, type MessageOverrides, type Words } from "../i18n/words.js";
import { createTheme, withTextScale, type ThemeOverrides } from "../theme/create-theme.js";
import type { Mode, Theme } from "../theme/tokens.js";
import type { Language } from "../types/generated/messages.js";

/** What every screen reads: look, words, help lines. */
export interface Screens {
  readonly theme: Theme;
  readonly words: Words;
  readonly helpLines: readonly HelpLine[];
  /** ISO 3166-1 alpha-2; null where it is not known. */
  readonly country: string | null;
  /** The person asked the system for less motion. */
  readonly reduceMotion: boolean;
}

export interface ScreensProviderProps {
  /** Default: that of the client for connected screens, else English. */
  readonly language?: Language;
  /** Default: as the system. */
  readonly mode?: Mode | "system";
  readonly theme?: ThemeOverrides;
  /** Words of the app in place of ours; give those of the language in use. */
  readonly messages?: MessageOverrides;
  /** Default: {@link HELP_LINES}. */
  readonly helpLines?: readonly HelpLine[];
  /** ISO 3166-1 alpha-2, for the help lines. Default: that of the device's settings. */
  readonly country?: string | null;
  /** Times as large as usual, for the web. Default there: the browser's setting; on phones 1. */
  readonly textScale?: number;
  readonly children?: ReactNode;
}

/** What a provider gave, and what of it was the app's own word. */
interface Given {
  readonly screens: Screens;
  /** null: nobody has said which. */
  readonly language: Language | null;
  readonly messages: MessageOverrides | undefined;
}

const ScreensContext = createContext<Given | null>(null);

/**
 * Gives the screens below it their look and their words. Optional: without it they follow the
 * system's light or dark mode, and the client's language.
 *
 * @example
 * <ScreensProvider theme={{ colors: { accent: "#5b2a86" } }} country="DE">…</ScreensProvider>
 */
export function ScreensProvider(props: ScreensProviderProps): ReactNode {
  const outer = useContext(ScreensContext);
  const screens = useMade(props, outer?.screens ?? null);
  const language = props.language ?? outer?.language ?? null;
  const { messages } = props;
  const given = useMemo(() => ({ screens, language, messages }), [screens, language, messages]);
  return <ScreensContext value={given}>{props.children}</ScreensContext>;
}

/** Look and words where a component stands. */
export function useScreens(): Screens {
  const outer = useContext(ScreensContext)?.screens ?? null;
  const made = useMade({}, outer);
  return outer ?? made;
}

/** Speaks the client's language, unless a `ScreensProvider` has said which. */
export function InLanguage(props: {
  readonly language: Language;
  readonly children: ReactNode;
}): ReactNode {
  const outer = useContext(ScreensContext);
  const { language } = props;
  const given = useMemo((): Given | null => {
    if (outer === null || outer.language !== null) return outer;
    const words = createWords(language, outer.messages);
    return { ...outer, screens: { ...outer.screens, words }, language };
  }, [outer, language]);
  if (given === null)
    return <ScreensProvider language={language}>{props.children}</ScreensProvider>;
  return <ScreensContext value={given}>{props.children}</ScreensContext>;
}

function useMade(props: ScreensProviderProps, outer: Screens | null): Screens {
  const scheme = useColorScheme();
  const reduceMotion = useReduceMotion();
  const { language, mode, theme, messages, helpLines, country, textScale } = props;
  const wanted: Mode =
    mode === "light" || mode === "dark" ? mode : scheme === "dark" ? "dark" : "light";
  const scale = textScale ?? browserTextScale();

  const made = useMemo(
    () => withTextScale(createTheme(wanted, theme), scale),
    [wanted, theme, scale],
  );
  const words = useMemo(
    () => createWords(language ?? outer?.words.language ?? "en", messages),
    [language, outer?.words.language, messages],
  );
  return useMemo(
    () => ({
      theme: made,
      words,
      helpLines: helpLines ?? outer?.helpLines ?? HELP_LINES,
      country: country === undefined ? (outer?.country ?? deviceCountry()) : country,
      reduceMotion,
    }),
    [made, words, helpLines, country, outer, reduceMotion],
  );
}

function useReduceMotion(): boolean {
  const [reduce, setReduce] = useState(true);
  useEffect(() => {
    let mounted = true;
    void AccessibilityInfo.isReduceMotionEnabled().then((value) => {
      if (mounted) setReduce(value);
    });
    // The browser's part answers with nothing where it cannot know.
    const subscription: { remove: () => void } | undefined = AccessibilityInfo.addEventListener(
      "reduceMotionChanged",
      setReduce,
    );
    return () => {
      mounted = false;
      subscription?.remove();
    };
  }, []);
  return reduce;
}

const USUAL_TEXT_PX = 16;

function browserTextScale(): number {
  if (Platform.OS !== "web" || typeof document === "undefined") return 1;
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Number.isFinite(size) && size > 0 ? size / USUAL_TEXT_PX : 1;
}

function deviceCountry(): string | null {
  const tag =
    typeof navigator !== "undefined" && typeof navigator.language === "string"
      ? navigator.language
      : intlLocale();
  return tag === null ? null : countryOf(tag);
}

function intlLocale(): string | null {
  try {
    return new Intl.DateTimeFormat().resolvedOptions().locale;
  } catch {
    return null;
  }
}
