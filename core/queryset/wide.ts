import { parseRelations } from "../plan/path.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { StatementLimits } from "../sql/limits.js";

// Rows with more columns than a result may have: the objects that come along come in results of their own.

/** A query without some of the objects that come along, and queries that bring those. */
export interface Split {
  readonly first: QueryState;
  readonly others: readonly { readonly query: QueryState; readonly relations: readonly Relation[] }[];
}

/** What comes along over one relation of the model, however deep. */
interface Arm {
  readonly relation: Relation;
  readonly paths: string[];
  width: number;
}

/** The query in parts; null where it fits. What is too wide even alone stays as it is, to be refused. */
export function splitWide(state: QueryState, meta: Meta, { maxColumns }: StatementLimits): Split | null {
  const { only, related, annotations, output } = state;
  if (output.kind !== "objects" || related.length === 0) return null;
  const ownNames = only?.filter((name) => !related.some((path) => name.startsWith(`${path}__`))) ?? null;
  const own = (ownNames === null ? meta.fields.length : new Set([...ownNames, meta.pk.name]).size) + annotations.length;
  const arms = armsOf(state, meta);
  let left = maxColumns - own;
  if (arms.reduce((sum, { width }) => sum + width, 0) <= left) return null;
  const stay: Arm[] = [];
  const go: Arm[][] = [];
  let room = 0;
  for (const arm of arms) {
    if (arm.width <= left) {
      left -= arm.width;
      stay.push(arm);
    } else {
      // The key and what is computed come with every part.
      if (arm.width > room) {
        go.push([]);
        room = maxColumns - 1 - annotations.length;
      }
      go.at(-1)!.push(arm);
      room -= arm.width;
    }
  }
  return { first: part(state, stay, ownNames), others: go.map((group) => asPart(state, meta, group)) };
}

const asPart = (state: QueryState, meta: Meta, arms: readonly Arm[]): Split["others"][number] => ({
  query: part(state, arms, [meta.pk.name]),
  relations: arms.map(({ relation }) => relation),
});

function part(state: QueryState, arms: readonly Arm[], own: readonly string[] | null): QueryState {
  const next = state.copy();
  const paths = arms.flatMap((arm) => arm.paths);
  next.related = paths;
  next.prefetch = [];
  const theirs = (state.only ?? []).filter((name) => paths.some((path) => name.startsWith(`${path}__`)));
  next.only = own === null ? (theirs.length === 0 ? null : state.only) : [...own, ...theirs];
  return next;
}

function armsOf({ related, only }: QueryState, meta: Meta): Arm[] {
  const arms: Arm[] = [];
  const seen = new Set<string>();
  for (const path of related) {
    const relations = parseRelations(meta, path);
    let arm = arms.find(({ relation }) => relation === relations[0]);
    if (arm === undefined) arms.push((arm = { relation: relations[0]!, paths: [], width: 0 }));
    arm.paths.push(path);
    relations.forEach(({ target }, i) => {
      const prefix = `${relations
        .slice(0, i + 1)
        .map(({ name }) => name)
        .join("__")}__`;
      if (seen.has(prefix)) return;
      seen.add(prefix);
      const names = (only ?? [])
        .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("__"))
        .map((name) => name.slice(prefix.length));
      arm.width += names.length === 0 ? target.fields.length : new Set([...names, target.pk.name]).size;
    });
  }
  return arms;
}

/** Gives objects what came along in another result. */
export function joinPart(
  objects: readonly object[],
  others: readonly object[],
  relations: readonly Relation[],
  { pk, objects: { relate, related } }: Meta,
): void {
  const keyOf = (object: object): unknown => (object as Record<string, unknown>)[pk.name];
  const byKey = new Map(others.map((other) => [keyOf(other), other]));
  for (const object of objects) {
    const other = byKey.get(keyOf(object))!;
    for (const relation of relations) relate(object, relation, related(other, relation) ?? null);
  }
}
