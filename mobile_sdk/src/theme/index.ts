export { contrastFaults, contrastRatio } from "./contrast.js";
export { createTheme, withTextScale, type ThemeOverrides } from "./create-theme.js";
export {
  darkTheme,
  lightTheme,
  type Colors,
  type Mode,
  type TextStyle,
  type Theme,
  type TypeScale,
} from "./tokens.js";
