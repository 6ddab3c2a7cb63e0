import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

/** Nobody imports from a layer above. */
const layer = (files, forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: [{ group: forbidden }] }],
  },
});

const FIREBASE = ["firebase", "firebase/*", "@react-native-firebase/*"];
const REACT = ["react", "react/*", "react-dom", "react-dom/*", "react-native", "react-native/*"];

export default defineConfig(
  globalIgnores(["dist", "docs/api", "example/dist", "src/types/generated"]),
  js.configs.recommended,
  ts.configs.strict,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "no-console": "error",
    },
  },
  {
    files: ["scripts/**", "bench/**"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        performance: "readonly",
        TextEncoder: "readonly",
      },
    },
    rules: { "no-console": "off" },
  },
  {
    files: ["src/react/**", "src/components/**", "example/**"],
    ...hooks.configs.flat["recommended-latest"],
  },
  layer(
    ["src/types/**"],
    [...FIREBASE, ...REACT, "**/client/**", "**/react/**", "**/components/**"],
  ),
  layer(
    ["src/hashing/**"],
    [...FIREBASE, ...REACT, "**/client/**", "**/react/**", "**/components/**"],
  ),
  layer(["src/firebase/**"], [...REACT, "**/react/**", "**/components/**", "**/hashing/**"]),
  layer(["src/client/**"], [...FIREBASE, ...REACT, "**/react/**", "**/components/**"]),
  layer(["src/i18n/**"], [...FIREBASE, ...REACT, "**/react/**", "**/components/**"]),
  layer(["src/react/**"], [...FIREBASE, "**/components/**", "**/firebase/**"]),
  layer(["src/components/**"], [...FIREBASE, "**/firebase/**"]),
);
