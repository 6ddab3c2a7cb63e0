/** Values of Firestore as plain ones. Both SDKs name their classes' methods the same. */

export type Plain = Readonly<Record<string, unknown>>;

/** A document's fields as the port gives them: dates for timestamps, `Uint8Array` for bytes. */
export function readFields(fields: Plain): Plain {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, read(value)]));
}

function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if ("toDate" in value && typeof value.toDate === "function") return value.toDate();
  if ("toUint8Array" in value && typeof value.toUint8Array === "function") {
    return value.toUint8Array();
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain ? readFields(Object.fromEntries(Object.entries(value))) : value;
}

/** Fields as the SDK takes them: `serverTime` wherever a value is `mark`. */
export function writtenFields(fields: Plain, mark: symbol, serverTime: unknown): Plain {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === mark ? serverTime : value]),
  );
}
