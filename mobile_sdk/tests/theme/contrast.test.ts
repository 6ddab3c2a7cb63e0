import { expect, test } from "vitest";

import {
  contrastFaults,
  contrastRatio,
  createTheme,
  darkTheme,
  lightTheme,
  withTextScale,
} from "../../src/theme/index.js";

test("black on white is 21 to 1, and the order does not matter", () => {
  expect(contrastRatio("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrastRatio("#ffffff", "#000000")).toBeCloseTo(21, 5);
  expect(contrastRatio("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

test.each([
  ["light", lightTheme],
  ["dark", darkTheme],
])("every text and every edge of the %s theme can be made out", (_mode, theme) => {
  expect(contrastFaults(theme.colors)).toEqual([]);
});

test("a palette that is too faint is found", () => {
  const faint = createTheme("light", { colors: { textMuted: "#aab4bd" } });
  expect(contrastFaults(faint.colors).map(({ pair }) => pair.join(" on "))).toContain(
    "textMuted on surface",
  );
});

test("an app's colours go over ours, and those of one mode over both", () => {
  const overrides = {
    colors: { accent: "#123456" },
    darkColors: { accent: "#abcdef" },
    touch: 20,
  };
  expect(createTheme("light", overrides).colors.accent).toBe("#123456");
  expect(createTheme("dark", overrides).colors.accent).toBe("#abcdef");
  expect(createTheme("dark", overrides).colors.text).toBe(darkTheme.colors.text);
  expect(createTheme("light", overrides).touch).toBe(44);
});

test("text twice as large has lines twice as high", () => {
  const large = withTextScale(lightTheme, 2);
  expect(Object.keys(large.type)).toEqual(Object.keys(lightTheme.type));
  expect(large.type.body).toEqual({ ...lightTheme.type.body, fontSize: 32, lineHeight: 48 });
  expect(large.space).toEqual(lightTheme.space);
});
