import { defineConfig } from "vitest/config";

/** A verdict takes seconds, and several times that on a busy machine. */
const PATIENCE_MS = 180_000;

export default defineConfig({
  test: {
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    // The emulators and two cores are shared: one file after the other.
    fileParallelism: false,
    projects: [
      {
        extends: true,
        resolve: {
          // Screens are tested as a browser has them; the gallery imports the package by its name.
          alias: [
            { find: /^react-native$/, replacement: "react-native-web" },
            {
              find: /^media-integrity-sdk\/components$/,
              replacement: new URL("./src/components/index.ts", import.meta.url).pathname,
            },
          ],
        },
        test: {
          name: "sdk",
          include: ["tests/**/*.test.{ts,tsx}"],
          server: { deps: { inline: [/react-native-web/] } },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          globalSetup: ["e2e/support/site.ts"],
          // A journey is a dozen verdicts and calls; each wait in it has a bound of its own.
          testTimeout: 5 * PATIENCE_MS,
        },
      },
    ],
  },
});
