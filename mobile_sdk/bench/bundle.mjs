import { fileURLToPath } from "node:url";

import { build } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ENTRY = "\0entry.ts";
const NAME = "entry-given-as-text";

/**
 * Bundles a module of TypeScript that is given as text into one JavaScript module. Paths in it begin
 * at this package's folder: `export * from "/src/hashing/index.ts"`.
 *
 * @param {string} code
 * @returns {Promise<string>}
 */
export async function bundle(code) {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id.endsWith(NAME) ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? code : undefined),
      },
      {
        name: "paths",
        resolveId: (id) => (/^\/(src|tests)\//.test(id) ? `${ROOT}${id.slice(1)}` : undefined),
      },
    ],
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: NAME, formats: ["es"], fileName: "bundle" },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  return outputs[0].output[0].code;
}
