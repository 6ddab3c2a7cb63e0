/**
 * Makes src/types/generated/*.ts from contract.json, which `./dev sdk-types` writes.
 *
 * With --check it changes nothing and fails where the files differ: the test against drift.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";
import { format } from "prettier";

const root = new URL("..", import.meta.url);
const NOTE = "/* Made by scripts/make-types.mjs from contract.json. Do not edit. */\n";

/** Documents hold Firestore timestamps, which the adapters give out as Date. */
const DATE = { tsType: "Date" };

/** @returns {Promise<Record<string, string>>} the files' texts by their names */
export async function makeTypes() {
  const contract = JSON.parse(await readFile(new URL("contract.json", root), "utf8"));
  const documents = contract.documents.$defs;
  const shared = new Set();
  const messages = Object.fromEntries(
    Object.entries(contract.messages.$defs).map(([name, schema]) => {
      if (!(name in documents)) return [name, schema];
      if (JSON.stringify(schema) !== JSON.stringify(documents[name]))
        throw new Error(`${name} is one thing in documents and another in messages: rename one`);
      shared.add(name);
      return [name, schema];
    }),
  );
  const names = [...shared].sort();
  const imports = `import type { ${names.join(", ")} } from "./documents.js";\n`;
  return {
    "documents.ts": await typescript(documents, (schema) =>
      schema.format === "date-time" ? { ...schema, ...DATE } : schema,
    ),
    "messages.ts": await typescript(messages, (schema) => schema, { imports, left: shared }),
    "functions.ts": await functions(contract),
  };
}

/** One exported type for each definition. */
async function typescript(definitions, change, { imports = "", left = new Set() } = {}) {
  const wanted = Object.keys(definitions).filter((name) => !left.has(name));
  const schema = {
    title: "Root__",
    type: "object",
    additionalProperties: false,
    required: wanted,
    properties: Object.fromEntries(wanted.map((name) => [name, { $ref: `#/$defs/${name}` }])),
    $defs: Object.fromEntries(
      Object.entries(definitions)
        .map(([name, each]) => [
          name,
          plain(each, (schema) => change(imported(schema, left)), true),
        ])
        .filter(([name]) => !left.has(name)),
    ),
  };
  const made = await compile(schema, "Root__", {
    bannerComment: "",
    additionalProperties: false,
    enableConstEnums: false,
    readonlyProperties: true,
    ignoreMinAndMaxItems: true,
    unknownAny: true,
    format: false,
  });
  const text = made.replace(/export interface Root__ \{[\s\S]*?\n\}\n/, "");
  return pretty(`${NOTE}${imports}\n${text}`);
}

/** A reference to a type of the other file is its name. */
function imported(schema, left) {
  const name = schema.$ref?.replace("#/$defs/", "");
  if (!left.has(name)) return schema;
  const { $ref: _, ...rest } = schema;
  return { ...rest, tsType: name };
}

/** Without what only matters to the backend; with this `change` at each level. */
function plain(schema, change, top = false) {
  if (Array.isArray(schema)) return schema.map((each) => plain(each, change));
  if (schema === null || typeof schema !== "object") return schema;
  const { personal: _, default: __, title, ["x-collection"]: ___, ...rest } = schema;
  const kept = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === "enum" ? value : plain(value, change),
    ]),
  );
  return change(top && title !== undefined ? { title, ...kept } : kept);
}

async function functions(contract) {
  const entries = Object.entries(contract.functions);
  const used = [...new Set(entries.flatMap(([, each]) => [each.request, each.response]))].sort();
  const collections = Object.entries(contract.collections);
  return pretty(`${NOTE}
import type { ${used.join(", ")} } from "./messages.js";

/** Every function that an app calls: what it takes and what it answers. */
export interface Functions {
${entries.map(([name, each]) => `  readonly ${name}: { readonly request: ${each.request}; readonly response: ${each.response} };`).join("\n")}
}

export type FunctionName = keyof Functions;

/** Where the documents lie that an app reads. */
export const COLLECTIONS = ${JSON.stringify(Object.fromEntries(collections))} as const;

/** Bounds that the backend holds everybody to. */
export const LIMITS = ${JSON.stringify(contract.limits)} as const;
`);
}

const pretty = (text) => format(text, { parser: "typescript", printWidth: 100 });

async function main() {
  const check = process.argv.includes("--check");
  const into = new URL("src/types/generated/", root);
  await mkdir(into, { recursive: true });
  const differing = [];
  for (const [name, text] of Object.entries(await makeTypes())) {
    const file = new URL(name, into);
    const before = await readFile(file, "utf8").catch(() => "");
    if (before === text) continue;
    differing.push(name);
    if (!check) await writeFile(file, text);
  }
  if (check && differing.length > 0) {
    console.error(`${differing.join(", ")}: not what contract.json says. Run ./dev sdk-types.`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
