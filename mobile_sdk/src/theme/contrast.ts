import type { Colors } from "./tokens.js";

type ColorName = keyof Colors;

/** Ratio of two colours' luminance by WCAG 2.2, from 1 to 21. Takes `#rrggbb`. */
export function contrastRatio(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Text on what lies behind it: 4.5 at least (WCAG 1.4.3). */
export const TEXT_PAIRS: readonly (readonly [text: ColorName, behind: ColorName])[] = [
  ["text", "background"],
  ["text", "surface"],
  ["text", "sunken"],
  ["textMuted", "background"],
  ["textMuted", "surface"],
  ["textMuted", "sunken"],
  ["accent", "background"],
  ["accent", "surface"],
  ["accent", "sunken"],
  ["onAccent", "accent"],
  ["onAccentSoft", "accentSoft"],
  ["text", "accentSoft"],
  ["textMuted", "accentSoft"],
  ["positive", "surface"],
  ["onPositiveSoft", "positiveSoft"],
  ["caution", "surface"],
  ["onCautionSoft", "cautionSoft"],
  ["critical", "surface"],
  ["critical", "background"],
  ["onCriticalSoft", "criticalSoft"],
  ["surface", "critical"],
];

/** What has to be made out without being read: 3 at least (WCAG 1.4.11). */
export const UI_PAIRS: readonly (readonly [part: ColorName, behind: ColorName])[] = [
  ["border", "surface"],
  ["border", "background"],
  ["border", "sunken"],
  ["border", "accentSoft"],
  ["accent", "surface"],
  ["accent", "background"],
  ["accent", "accentSoft"],
  ["accent", "sunken"],
  ["focus", "surface"],
  ["focus", "background"],
  ["focus", "accentSoft"],
  ["focus", "sunken"],
  ["positive", "positiveSoft"],
  ["caution", "cautionSoft"],
  ["critical", "criticalSoft"],
  ["critical", "surface"],
];

/** The pairs of a palette that are too near each other, with their ratio; none: all is well. */
export function contrastFaults(
  colors: Colors,
): readonly { readonly pair: readonly [string, string]; readonly ratio: number }[] {
  const tooNear = (pairs: typeof TEXT_PAIRS, least: number) =>
    pairs
      .map((pair) => ({ pair, ratio: contrastRatio(colors[pair[0]], colors[pair[1]]) }))
      .filter(({ ratio }) => !(ratio >= least));
  return [...tooNear(TEXT_PAIRS, 4.5), ...tooNear(UI_PAIRS, 3)];
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
