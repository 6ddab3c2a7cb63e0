import {
  darkTheme,
  lightTheme,
  type Colors,
  type Mode,
  type Theme,
  type TypeScale,
} from "./tokens.js";

/** What an app changes of our look. What is left out stays. */
export interface ThemeOverrides {
  readonly colors?: Partial<Colors>;
  /** Only in this mode, over `colors`. */
  readonly lightColors?: Partial<Colors>;
  readonly darkColors?: Partial<Colors>;
  readonly space?: Partial<Theme["space"]>;
  readonly radius?: Partial<Theme["radius"]>;
  readonly type?: Partial<TypeScale>;
  readonly fontFamily?: string;
  /** At least 44; less is taken as 44. */
  readonly touch?: number;
  readonly maxWidth?: number;
}

/** The least that a finger hits safely (WCAG 2.5.5). */
const LEAST_TOUCH = 44;

/** Our theme in `mode` with an app's changes. Check colours of your own with `contrastRatio`. */
export function createTheme(mode: Mode, overrides: ThemeOverrides = {}): Theme {
  const base = mode === "dark" ? darkTheme : lightTheme;
  const only = mode === "dark" ? overrides.darkColors : overrides.lightColors;
  return {
    mode,
    colors: { ...base.colors, ...overrides.colors, ...only },
    space: { ...base.space, ...overrides.space },
    radius: { ...base.radius, ...overrides.radius },
    type: { ...base.type, ...overrides.type },
    fontFamily: overrides.fontFamily ?? base.fontFamily,
    touch: Math.max(LEAST_TOUCH, overrides.touch ?? base.touch),
    maxWidth: overrides.maxWidth ?? base.maxWidth,
  };
}

/** The theme with every text `scale` times as large: for the web, where no system setting does it. */
export function withTextScale(theme: Theme, scale: number): Theme {
  if (scale === 1) return theme;
  const sized = (name: keyof TypeScale) => ({
    ...theme.type[name],
    fontSize: theme.type[name].fontSize * scale,
    lineHeight: theme.type[name].lineHeight * scale,
  });
  return {
    ...theme,
    type: {
      title: sized("title"),
      heading: sized("heading"),
      body: sized("body"),
      strong: sized("strong"),
      small: sized("small"),
      figure: sized("figure"),
    },
  };
}
