/** What a screen looks like, as names. Colours are `#rrggbb`; sizes are density-independent px. */

export type Mode = "light" | "dark";

export interface Colors {
  /** Behind everything. */
  readonly background: string;
  /** Cards, fields. */
  readonly surface: string;
  /** Quiet areas inside a card. */
  readonly sunken: string;
  readonly text: string;
  readonly textMuted: string;
  /** Buttons, links, what is chosen. */
  readonly accent: string;
  readonly onAccent: string;
  readonly accentSoft: string;
  readonly onAccentSoft: string;
  /** Edges of fields, boxes and switches: has to be seen. */
  readonly border: string;
  /** Lines that only part: may be faint. */
  readonly divider: string;
  readonly positive: string;
  readonly positiveSoft: string;
  readonly onPositiveSoft: string;
  readonly caution: string;
  readonly cautionSoft: string;
  readonly onCautionSoft: string;
  readonly critical: string;
  readonly criticalSoft: string;
  readonly onCriticalSoft: string;
  readonly focus: string;
}

export interface TextStyle {
  readonly fontSize: number;
  readonly lineHeight: number;
  readonly fontWeight: "400" | "500" | "600" | "700";
  readonly letterSpacing?: number;
}

export interface TypeScale {
  readonly title: TextStyle;
  readonly heading: TextStyle;
  readonly body: TextStyle;
  readonly strong: TextStyle;
  readonly small: TextStyle;
  readonly figure: TextStyle;
}

export interface Theme {
  readonly mode: Mode;
  readonly colors: Colors;
  readonly space: {
    readonly xs: number;
    readonly s: number;
    readonly m: number;
    readonly l: number;
    readonly xl: number;
    readonly xxl: number;
  };
  readonly radius: { readonly s: number; readonly m: number; readonly l: number };
  readonly type: TypeScale;
  /** `undefined`: the system's. */
  readonly fontFamily: string | undefined;
  /** Smallest height of what is touched; 44 at least. */
  readonly touch: number;
  /** Screens grow no wider than this. */
  readonly maxWidth: number;
}

const light: Colors = {
  background: "#f4f6f8",
  surface: "#ffffff",
  sunken: "#f1f4f6",
  text: "#14212b",
  textMuted: "#4b5a67",
  accent: "#0b5f70",
  onAccent: "#ffffff",
  accentSoft: "#e0f0f2",
  onAccentSoft: "#084653",
  border: "#75838f",
  divider: "#dde4e9",
  positive: "#1c6e46",
  positiveSoft: "#e3f3ea",
  onPositiveSoft: "#124a2f",
  caution: "#8a5300",
  cautionSoft: "#fdf1da",
  onCautionSoft: "#5c3800",
  critical: "#a62b2b",
  criticalSoft: "#fbe9e7",
  onCriticalSoft: "#701b1b",
  focus: "#1a57c4",
};

const dark: Colors = {
  background: "#0e1418",
  surface: "#182127",
  sunken: "#1f2a31",
  text: "#edf2f5",
  textMuted: "#b4c1ca",
  accent: "#7fd1df",
  onAccent: "#05262d",
  accentSoft: "#12363e",
  onAccentSoft: "#c4ecf3",
  border: "#82919c",
  divider: "#2d3a43",
  positive: "#7bd3a3",
  positiveSoft: "#14372a",
  onPositiveSoft: "#c5edd8",
  caution: "#f1bd66",
  cautionSoft: "#3c2d10",
  onCautionSoft: "#fae3b8",
  critical: "#f5a09a",
  criticalSoft: "#451f1f",
  onCriticalSoft: "#fbd5d2",
  focus: "#9cc2ff",
};

const TYPE: TypeScale = {
  title: { fontSize: 24, lineHeight: 31, fontWeight: "700", letterSpacing: -0.2 },
  heading: { fontSize: 17, lineHeight: 24, fontWeight: "600" },
  body: { fontSize: 16, lineHeight: 24, fontWeight: "400" },
  strong: { fontSize: 16, lineHeight: 24, fontWeight: "600" },
  small: { fontSize: 14, lineHeight: 20, fontWeight: "400" },
  figure: { fontSize: 26, lineHeight: 32, fontWeight: "700" },
};

const SHAPE = {
  space: { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32 },
  radius: { s: 8, m: 12, l: 18 },
  type: TYPE,
  fontFamily: undefined,
  touch: 48,
  maxWidth: 640,
} as const;

export const lightTheme: Theme = { mode: "light", colors: light, ...SHAPE };
export const darkTheme: Theme = { mode: "dark", colors: dark, ...SHAPE };
