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
      { extends: true, test: { name: "sdk", include: ["tests/**/*.test.{ts,tsx}"] } },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          globalSetup: ["e2e/support/site.ts"],
        },
      },
    ],
  },
});
