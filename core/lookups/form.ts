import { JsonNull } from "../fields/data.js";

/**
 * What sort of JSON value this is; each sort has a statement of its own. `nothing` is plain null: no document, nothing at
 * the path, or JSON's null there. `JsonNull` is the null that is there.
 */
export type Sort = "nothing" | "null" | "true" | "false" | "number" | "text" | "document";

/** The sort of a value. */
export function sortOf(value: unknown): Sort {
  if (value === null) return "nothing";
  if (value === JsonNull) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  return typeof value === "number" ? "number" : typeof value === "string" ? "text" : "document";
}

/** How deep the values inside one may decide which statement it needs: an object of lists. */
const DEEPEST = 2;

/** Values of one form have one statement, and every lookup takes all of them or none. */
export function formOf(value: unknown, depth = 0): string {
  const sort = sortOf(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? "whole" : Number.isFinite(value) ? sort : "none";
  if (typeof value === "string") return value.isWellFormed() ? sort : "broken";
  if (sort !== "document" || depth === DEEPEST || typeof value !== "object") return sort;
  const inside = (each: unknown): string => formOf(each, depth + 1);
  return Array.isArray(value)
    ? JSON.stringify([value.length > 0 ? inside(value[0]) : "", ...[...new Set(value.map(inside))].sort()])
    : JSON.stringify(Object.entries(value as object).map(([key, each]) => [key, inside(each)]));
}
