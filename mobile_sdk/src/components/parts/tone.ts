import type { Colors } from "../../theme/tokens.js";

/** What a part says beside its words. Never by colour alone: an icon or a word goes with it. */
export type Tone = "neutral" | "accent" | "positive" | "caution" | "critical";

export interface ToneColors {
  readonly strong: string;
  readonly soft: string;
  readonly onSoft: string;
}

export function toneColors(colors: Colors, tone: Tone): ToneColors {
  switch (tone) {
    case "neutral":
      return { strong: colors.textMuted, soft: colors.sunken, onSoft: colors.text };
    case "accent":
      return { strong: colors.accent, soft: colors.accentSoft, onSoft: colors.onAccentSoft };
    case "positive":
      return { strong: colors.positive, soft: colors.positiveSoft, onSoft: colors.onPositiveSoft };
    case "caution":
      return { strong: colors.caution, soft: colors.cautionSoft, onSoft: colors.onCautionSoft };
    case "critical":
      return { strong: colors.critical, soft: colors.criticalSoft, onSoft: colors.onCriticalSoft };
  }
}
