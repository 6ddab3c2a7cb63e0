import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Connect, type Plugin } from "vite";
import type { AppConfig } from "./example/src/config";

/** The example app for the browser: `./dev up` serves it, `e2e/` builds and tests it. */
export default defineConfig({
  root: here("./example"),
  plugins: [react(), stackConfig()],
  resolve: {
    alias: [
      { find: /^react-native$/, replacement: "react-native-web" },
      // The app imports the package by its name, as any app does; here that is its source.
      { find: /^media-integrity-sdk$/, replacement: here("./src/index.ts") },
      {
        find: /^media-integrity-sdk\/(client|hashing|react|components)$/,
        replacement: `${here("./src")}/$1/index.ts`,
      },
      { find: /^media-integrity-sdk\/(.+)$/, replacement: `${here("./src")}/$1.ts` },
    ],
    // As Metro looks for files of the web.
    extensions: [".web.tsx", ".web.ts", ".tsx", ".ts", ".mjs", ".js", ".jsx", ".json"],
  },
  // The SDK's source lies beside the app's.
  server: { fs: { allow: [here(".")] } },
  optimizeDeps: {
    include: [
      "react",
      "react-dom/client",
      "react-native-web",
      "firebase/app",
      "firebase/auth",
      "firebase/firestore",
      "firebase/functions",
    ],
  },
  define: { __DEV__: "false", global: "globalThis" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 2000 },
});

/** `/config.json` says where the emulators are of the stack MEDIA_INTEGRITY_STACK_FILE names. */
function stackConfig(): Plugin {
  const answer: Connect.NextHandleFunction = (_request, response) => {
    const file = process.env["MEDIA_INTEGRITY_STACK_FILE"];
    const config =
      file === undefined ? null : configOfStack(JSON.parse(readFileSync(file, "utf8")));
    response.statusCode = config === null ? 503 : 200;
    response.setHeader("Content-Type", "application/json");
    response.setHeader("Cache-Control", "no-store");
    response.end(JSON.stringify(config ?? { error: "No stack: start the app with ./dev up." }));
  };
  return {
    name: "media-integrity-stack-config",
    configureServer: (server) => void server.middlewares.use("/config.json", answer),
    configurePreviewServer: (server) => void server.middlewares.use("/config.json", answer),
  };
}

/** From a stack's `stack.json`. */
function configOfStack(stack: unknown): AppConfig {
  if (!isRecord(stack) || !isRecord(stack["ports"])) throw new Error("this is no stack.json");
  const { ports, project, bucket } = stack;
  if (typeof project !== "string" || typeof bucket !== "string") {
    throw new Error("stack.json names no project");
  }
  const port = (service: string): number => {
    const found = ports[service];
    if (typeof found !== "number") throw new Error(`stack.json has no port for ${service}`);
    return found;
  };
  return {
    projectId: project,
    bucket,
    emulators: {
      host: "127.0.0.1",
      auth: port("auth"),
      firestore: port("firestore"),
      functions: port("functions"),
      storage: port("storage"),
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function here(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
