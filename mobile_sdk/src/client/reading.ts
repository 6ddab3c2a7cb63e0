/**
 * Reads what the backend wrote, leniently: an app stays installed for years, the backend goes on.
 *
 * - A field that has a default may be missing; one that is not as expected counts as missing.
 * - Fields that this version does not know are left out.
 * - A word that this version does not know, such as a new status, is handed on as it is. So a
 *   `switch` over a status needs a `default`, whatever the type says.
 * - A document that lacks what it cannot be without is left out, and told as an event.
 */

import { ANSWERS, SHAPES, type Documents } from "../types/generated/shapes.js";
import type { FunctionName, Functions } from "../types/generated/functions.js";
import type { WithId } from "../types/client.js";
import type { StoredDocument } from "../types/port.js";

export type DocumentName = keyof Documents;

type Fields = Readonly<Record<string, unknown>>;

/** The document, or null where it lacks what it cannot be without. */
export function readDocument<N extends DocumentName>(
  name: N,
  stored: StoredDocument,
): WithId<Documents[N]> | null {
  const fields = fitting(name, stored.fields);
  const found: unknown = fields === null ? null : { ...fields, id: stored.id };
  return isThere<WithId<Documents[N]>>(found) ? found : null;
}

/** A function's answer, or null where it is none. */
export function readAnswer<N extends FunctionName>(
  name: N,
  answer: unknown,
): Functions[N]["response"] | null {
  const found: unknown = isFields(answer) ? fitting(ANSWERS[name], answer) : null;
  return isThere<Functions[N]["response"]>(found) ? found : null;
}

/** The one place that takes the shapes' word for the types: both are made from one schema. */
function isThere<T>(found: unknown): found is T {
  return found !== null;
}

function fitting(shape: string, given: Fields): Fields | null {
  const fields: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(SHAPES[shape] ?? {})) {
    const value = fit(kind, given[name]);
    if (value !== undefined) fields[name] = value;
    else if (kind.endsWith("?!")) fields[name] = null;
    else if (kind.endsWith("!")) return null;
  }
  return fields;
}

/** The value as a field of that kind; undefined where it is none. */
function fit(kind: string, value: unknown): unknown {
  if (kind.endsWith("!")) return fit(kind.slice(0, -1), value);
  if (kind.endsWith("?")) return value === null ? null : fit(kind.slice(0, -1), value);
  if (kind.endsWith("[]")) {
    if (!Array.isArray(value)) return undefined;
    const items: readonly unknown[] = value;
    return items.map((item) => fit(kind.slice(0, -2), item)).filter((item) => item !== undefined);
  }
  switch (kind) {
    case "text":
      return typeof value === "string" ? value : undefined;
    case "number":
      return typeof value === "number" ? value : undefined;
    case "flag":
      return typeof value === "boolean" ? value : undefined;
    case "date":
      return value instanceof Date ? value : undefined;
    case "map":
      return isFields(value) ? value : undefined;
    default:
      return isFields(value) ? (fitting(kind, value) ?? undefined) : undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
