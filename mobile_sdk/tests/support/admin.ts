/** The database as the functions see it, past the rules: for making states that take weeks. */

import { HOST, stack } from "./stack.js";

/** A value as Firestore's REST interface writes it. */
export type Value =
  | { readonly stringValue: string }
  | { readonly booleanValue: boolean }
  | { readonly integerValue: string }
  | { readonly timestampValue: string }
  | { readonly nullValue: null }
  | { readonly arrayValue: { readonly values: readonly Value[] } }
  | { readonly mapValue: { readonly fields: Readonly<Record<string, Value>> } };

/** Plain values as Firestore's: dates are timestamps, whole numbers integers. */
export function valueOf(value: unknown): Value {
  if (value === null || value === undefined) return { nullValue: null };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { booleanValue: value };
  if (typeof value === "number") return { integerValue: String(value) };
  if (value instanceof Date) return { timestampValue: value.toISOString() };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } };
  return { mapValue: { fields: fieldsOf(value) } };
}

function fieldsOf(value: object): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, valueOf(each)]));
}

/** Writes these fields of a document, and leaves its others. */
export async function putDocument(path: string, fields: object): Promise<void> {
  const mask = Object.keys(fields).map((name) => `updateMask.fieldPaths=${name}`);
  await documents("PATCH", `${path}?${mask.join("&")}`, { fields: fieldsOf(fields) });
}

/** Whether there is such a document. */
export async function hasDocument(path: string): Promise<boolean> {
  return (await documents("GET", path)) !== null;
}

export async function deleteDocument(path: string): Promise<void> {
  await documents("DELETE", path);
}

/** Names of the objects below a folder, past the rules. */
export async function objectNames(prefix: string): Promise<readonly string[]> {
  const { bucket, ports } = stack();
  const root = `http://${HOST}:${ports.storage}/storage/v1/b/${bucket}/o`;
  const response = await fetch(`${root}?prefix=${encodeURIComponent(prefix)}`, {
    headers: { Authorization: "Bearer owner" },
  });
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null || !("items" in answer)) return [];
  const items: unknown = answer.items;
  return Array.isArray(items) ? items.map((item: { name: string }) => item.name) : [];
}

async function documents(method: string, path: string, body?: unknown): Promise<unknown> {
  const { project, ports } = stack();
  const root = `http://${HOST}:${ports.firestore}/v1/projects/${project}/databases/(default)/documents`;
  const response = await fetch(`${root}/${path}`, {
    method,
    headers: { Authorization: "Bearer owner", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}
