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
    "shapes.ts": await shapes(contract),
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
    ignoreMinAndMaxItems: true,
    unknownAny: true,
    format: false,
  });
  const text = made
    .replace(/export interface Root__ \{[\s\S]*?\n\}\n/, "")
    .replace(/^( *)(?=[\w$]+\??: |\[k: string\]: )/gm, "$1readonly ")
    .replace(/(\b[A-Za-z]\w*|\([^()]*\))\[\]/g, "readonly $1[]");
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
  // With words of its own beside the reference, each use would become another type.
  if (schema.$ref !== undefined) return change({ $ref: schema.$ref });
  const { personal: _, default: __, title, ["x-collection"]: ___, ...rest } = schema;
  const kept = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      if (key === "enum") return [key, value];
      if (key !== "properties") return [key, plain(value, change)];
      // A field may be called like a word of JSON Schema, such as `title`.
      const fields = Object.entries(value).map(([name, field]) => [name, plain(field, change)]);
      return [key, Object.fromEntries(fields)];
    }),
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

/**
 * What has to be looked at before a document or an answer counts as one of its type: a field's
 * kind, `[]` for a list of them, `!` where it has to be there, `?` where it may be null.
 */
async function shapes(contract) {
  const found = new Map();
  const seek = (definitions, name, date) => {
    const schema = definitions[name];
    if (found.has(name) || schema.type !== "object") return;
    found.set(name, {});
    const entries = Object.entries(schema.properties ?? {}).map(([field, each]) => {
      const needed = (schema.required ?? []).includes(field) ? "!" : "";
      return [field, kind(definitions, each, date) + needed];
    });
    found.set(name, Object.fromEntries(entries));
  };
  const kind = (definitions, schema, date) => {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.replace("#/$defs/", "");
      seek(definitions, name, date);
      return found.has(name) ? name : kind(definitions, definitions[name], date);
    }
    if (schema.anyOf !== undefined) {
      const [one, ...more] = schema.anyOf.filter((each) => each.type !== "null");
      if (more.length > 0) throw new Error("a field of two kinds: teach scripts/make-types.mjs");
      return `${kind(definitions, one, date)}?`;
    }
    if (schema.type === "array") return `${kind(definitions, schema.items, date)}[]`;
    if (schema.format === "date-time") return date;
    const kinds = { string: "text", integer: "number", number: "number", boolean: "flag" };
    const known = kinds[schema.type] ?? (schema.type === "object" ? "map" : undefined);
    if (known === undefined) throw new Error("a kind of field that scripts/make-types.mjs lacks");
    return known;
  };
  const documents = Object.keys(contract.collections).sort();
  for (const name of documents) seek(contract.documents.$defs, name, "date");
  const answers = [...new Set(Object.values(contract.functions).map((each) => each.response))];
  for (const name of answers.sort()) seek(contract.messages.$defs, name, "text");
  const names = Object.fromEntries(
    Object.entries(contract.functions).map(([name, each]) => [name, each.response]),
  );
  return pretty(`${NOTE}
import type { ${documents.join(", ")} } from "./documents.js";

/** Every document that an app reads. */
export interface Documents {
${documents.map((name) => `  readonly ${name}: ${name};`).join("\n")}
}

/** Fields' kinds: \`[]\` a list, \`?\` or null, \`!\` always there. */
export const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> =
  ${JSON.stringify(Object.fromEntries([...found].sort()))};

/** The shape of each function's answer. */
export const ANSWERS = ${JSON.stringify(names)} as const;
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
