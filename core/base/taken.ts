/** Deeper values are left as they are: what checks them has a limit of its own. */
const DEEPEST = 1000;

/**
 * A value that its owner can no longer change: lists, plain objects, Dates and bytes are copied. Anything else is given
 * as it is, for the field to judge.
 */
export function taken(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
  if (Array.isArray(value)) {
    // Not value.slice(): a loaded relation has a meaning of its own for it.
    const copy = Array.prototype.slice.call(value) as unknown[];
    for (let i = 0; i < copy.length; i++) if (typeof copy[i] === "object") copy[i] = taken(copy[i], depth + 1);
    return copy;
  }
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const inner = copy[key];
    // The copy has the key as its own, so that assigning "__proto__" sets no prototype.
    if (typeof inner === "object" && inner !== null) copy[key] = taken(inner, depth + 1);
  }
  return copy;
}

/** True for `{ … }` of any realm, and for objects without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
