/**
 * How large the package is in an app: minified and gzipped, Firebase, React and React Native apart.
 *
 * `npm run size` builds each way in by itself, as a bundler of an app does, and prints a table;
 * `npm run size -- --json` prints JSON. Fails where the client is larger than LIMIT_BYTES.
 */
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** Of the client, gzipped: what an app loads with it. Hashing comes with the first picture. */
export const LIMIT_BYTES = 30_000;

const APART = [/^firebase(\/|$)/, /^@react-native-firebase\//, /^react(-dom|-native)?(\/|$)/];

const ENTRIES = [
  "client/index.ts",
  "hashing/index.ts",
  "hashing/expo.ts",
  "firebase/web.ts",
  "firebase/native.ts",
  "react/index.ts",
  "components/index.ts",
];

/**
 * @param {string} entry below src
 * @returns {Promise<{ entry: string, bytes: number, gzipBytes: number, laterGzipBytes: number }>}
 * `laterGzipBytes`: of what is loaded on demand
 */
export async function sizeOf(entry) {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("..", import.meta.url)),
    build: {
      write: false,
      target: "es2022",
      minify: true,
      lib: { entry: fileURLToPath(new URL(`../src/${entry}`, import.meta.url)), formats: ["es"] },
      rollupOptions: { external: APART },
    },
  });
  const built = Array.isArray(result) ? result : [result];
  const chunks = built.flatMap(({ output }) => output).filter(({ type }) => type === "chunk");
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const atOnce = new Set();
  const follow = (chunk) => {
    if (chunk === undefined || atOnce.has(chunk)) return;
    atOnce.add(chunk);
    for (const name of chunk.imports) follow(named.get(name));
  };
  for (const chunk of chunks) if (chunk.isEntry) follow(chunk);
  const later = chunks.filter((chunk) => !atOnce.has(chunk));
  const gzip = (some) => sum(some.map(({ code }) => gzipSync(code, { level: 9 }).length));
  return {
    entry,
    bytes: sum([...atOnce].map(({ code }) => new TextEncoder().encode(code).length)),
    gzipBytes: gzip([...atOnce]),
    laterGzipBytes: gzip(later),
  };
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

async function main() {
  const sizes = [];
  for (const entry of ENTRIES) {
    if (existsSync(new URL(`../src/${entry}`, import.meta.url))) sizes.push(await sizeOf(entry));
  }
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ limitBytes: LIMIT_BYTES, sizes }, null, 2));
  } else {
    const row = (name, ...cells) =>
      name.padEnd(22) + cells.map((cell) => String(cell).padStart(12)).join("");
    console.log(row("way in", "bytes", "gzip", "gzip later"));
    for (const { entry, bytes, gzipBytes, laterGzipBytes } of sizes) {
      console.log(row(entry, bytes, gzipBytes, laterGzipBytes));
    }
    console.log(`client: ${LIMIT_BYTES} bytes gzipped at most`);
  }
  const client = sizes.find(({ entry }) => entry === "client/index.ts");
  if (client === undefined || client.gzipBytes > LIMIT_BYTES) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
