import { MOST_PLACES } from "../base/decimal-text.js";
import { FieldError, IncompleteInstanceError, OperationalError, typeName, UnsupportedError } from "../base/errors.js";
import type { Field } from "../fields/field.js";
import { isnull, notIsnull, wrongValue } from "../lookups/compare.js";
import type { Lookup, LookupContext } from "../lookups/lookup.js";
import { findLookup, lookupNames } from "../lookups/index.js";
import type { Expression, Operand } from "../query/expression.js";
import { isExpression } from "../query/is-expression.js";
import { QNode } from "../query/q.js";
import { checkSorts } from "../query/sorts.js";
import type { QueryState } from "../query/state.js";
import { fullTextOf } from "../schema/full-text.js";
import type { Relation } from "../schema/relation.js";
import type { Encode, Expr, Select } from "../sql/ast.js";
import { negate } from "./negate.js";
import { contains } from "./parts.js";
import {
  annotationIn,
  isForward,
  parseFieldPath,
  parseOperandPath,
  parsePath,
  type FieldPath,
  type Path,
} from "./path.js";
import type { AskRelated } from "./related-row.js";
import { rejectedBy, Slots, type Scope } from "./scope.js";
import { countValues, isQuery, listWidth } from "./shape.js";

/** Builds a query that stands inside another, as a list of keys; given by `select.ts`, which needs this file. */
export type BuildKeys = (state: QueryState, outer: Scope, slots: Slots, relation: Relation | null) => Select;

/** A condition whose path is taken apart and whose value has its slot. */
export interface Leaf {
  readonly kind: "leaf";
  readonly path: Path;
  readonly value: unknown;
  readonly slot: number;
}
/** An expression that is itself true or false. */
interface Truth {
  readonly kind: "truth";
  readonly value: Expression;
  readonly slot: number;
}
export type Tree =
  | Leaf
  | Truth
  | { readonly kind: "and" | "or"; readonly items: readonly Tree[] }
  | { readonly kind: "not"; readonly item: Tree };

/** The conditions of a statement: on its rows, on the groups that are made of them, and on what windows say of the rows. */
export interface Where {
  readonly where: Expr | null;
  readonly having: Expr | null;
  readonly kept: Expr | null;
}

/**
 * Q trees in, conditions out; null where they say nothing. Slots are taken in the order of the shape walk. `onlyRows`: leave
 * out what speaks of groups.
 */
export function buildWhere(where: readonly QNode[], scope: Scope, inner: BuildKeys, onlyRows = false): Where {
  if (where.length === 0) return { where: null, having: null, kept: null };
  const tree = joined(
    "and",
    where.map((q) => treeOf(q, scope)),
  );
  const items = tree.kind === "and" ? tree.items : [tree];
  const build = (some: readonly Tree[], filter: Filter): Expr | null => {
    const built = some.length === 0 ? null : nothing(filter.build(joined("and", some), scope, false));
    if (built === null || !contains(built, "window")) return built;
    throw new UnsupportedError("this window looks at the rows that the filter chooses, so it has no place in it", {
      code: "window_filter",
      hint: 'annotate with it and filter by its name; to gather those rows, give them a name first: With("ranked", …)',
    });
  };
  const ofGroups = scope.groupBy === null ? [] : items.filter((item) => asksGroups(item, scope));
  const filter = new Filter(inner);
  const last = scope.groupBy === null ? filter : new Filter(inner, true);
  const asking = scope.groupBy === null ? items : onlyRows ? [] : ofGroups;
  const ofWindows = asking.filter((item) => last.asksWindow(item, scope));
  const rows = build(
    items.filter((item) => !ofGroups.includes(item) && !ofWindows.includes(item)),
    filter,
  );
  scope.tighten(rows);
  if (onlyRows) return { where: rows, having: null, kept: null };
  for (const item of ofGroups) checkTree(item, scope);
  scope.windowed = ofWindows.length > 0;
  const having = build(
    ofGroups.filter((item) => !ofWindows.includes(item)),
    last,
  );
  return { where: rows, having, kept: scope.windowed ? last.build(joined("and", ofWindows), scope, false) : null };
}

/** True where a condition speaks of what only groups have. */
function asksGroups(tree: Tree, scope: Scope): boolean {
  switch (tree.kind) {
    case "leaf":
    case "truth": {
      const ofGroup = (name: string | null): boolean => name !== null && scope.annotated.get(name)?.ofGroup === true;
      return (
        (tree.kind === "leaf" && ofGroup(tree.path.annotation)) ||
        (isExpression(tree.value) && (tree.value.isAggregate || tree.value.paths.some(ofGroup)))
      );
    }
    case "not":
      return asksGroups(tree.item, scope);
    default:
      return tree.items.some((item) => asksGroups(item, scope));
  }
}

/** Conditions on groups may only speak of what a group has. */
export function checkTree(tree: Tree, scope: Scope): void {
  if (tree.kind === "leaf") checkOfGroup(tree.path, scope);
  else if (tree.kind === "not") checkTree(tree.item, scope);
  else if (tree.kind !== "truth") for (const item of tree.items) checkTree(item, scope);
}

/** Of groups only what made them, and what is computed of each, can be told. */
export function checkOfGroup(
  { text, steps, field, annotation }: Omit<FieldPath, "text"> & OfGroup,
  scope: Scope,
): void {
  const { groupBy, meta } = scope;
  if (groupBy === null) return;
  const known =
    annotation === null
      ? groupBy.some((name) => {
          if (annotationIn(scope.annotations, name) !== null) return false;
          const key = parseFieldPath(meta, name);
          return key.field === field && key.steps.length === steps.length && startsWith(steps, key.steps);
        })
      : groupBy.includes(annotation) || scope.annotated.get(annotation)?.ofGroup === true;
  if (known) return;
  const there = [
    ...groupBy,
    ...scope.annotations
      .filter(({ name, ofGroup }) => ofGroup && scope.built.get(name) !== null)
      .map(({ name }) => name),
  ];
  throw new FieldError(`"${text}" is not part of the group`, {
    code: "not_grouped",
    hint: `of each group there are: ${there.join(", ")}; an aggregate gathers the rest`,
  });
}

interface OfGroup {
  /** what the user wrote */
  readonly text: string;
  readonly annotation: string | null;
}

/** A computed value that a query named. */
export const annotationOf = (name: string, scope: Scope, inner: BuildKeys): Operand =>
  new Filter(inner).annotation(name, scope);

/** Puts the named query whose rows these are before the statement. */
export const takeFrom = (scope: Scope, inner: BuildKeys): unknown =>
  scope.from?.query.begin(placeFor(scope, scope.slots, inner));

/** Where an expression stands in a statement, and the values that it has there. */
export interface PlaceInStatement {
  readonly filter: Filter;
  readonly scope: Scope;
  readonly slots: Slots;
  /** it speaks of groups */
  readonly grouped: boolean;
}

/** The place of an expression on a row of `scope`. Its values begin at `slots`. */
export const placeFor = (scope: Scope, slots: Slots, inner: BuildKeys): PlaceInStatement => ({
  filter: new Filter(inner),
  scope,
  slots,
  grouped: false,
});

/** The tree of a Q, its values numbered in the order in which they were collected. */
export function treeOf(q: QNode, scope: Scope, slots: Slots = scope.slots): Tree {
  const { meta, annotations } = rootOf(scope);
  const items = q.items.map((item): Tree => {
    if (item instanceof QNode) return treeOf(item, scope, slots);
    const slot = slots.next;
    slots.next += countValues(item.value);
    if (item.isTruth === true) return { kind: "truth", value: item.value as Expression, slot };
    return { kind: "leaf", path: parsePath(meta, item.path, annotations), value: item.value, slot };
  });
  const tree = joined(q.join, items);
  if (!q.negated) return tree;
  return tree.kind === "not" ? tree.item : { kind: "not", item: tree };
}

/** Flat: an AND inside an AND is no part of its own. */
export function joined(kind: "and" | "or", items: readonly Tree[]): Tree {
  // An empty tree holds everywhere, whatever joins it.
  if (items.length === 0) return { kind: "and", items };
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  return flat.length === 1 ? flat[0]! : { kind, items: flat };
}

/** A row of a to-many relation that conditions speak of. */
export interface Group {
  /** the table whose rows have the relation */
  readonly from: Scope;
  /** the relations on the way, the last of them to-many */
  readonly steps: readonly Relation[];
}

/** Conditions that share rows of to-many relations. */
interface Part {
  readonly items: Tree[];
  readonly groups: readonly Group[];
}

export class Filter {
  /** `ofGroups`: the conditions are on groups, not on rows */
  constructor(
    readonly inner: BuildKeys,
    readonly ofGroups = false,
  ) {}

  /** The condition, or what holds exactly where it does not. */
  build(tree: Tree, scope: Scope, negated: boolean): Expr {
    switch (tree.kind) {
      case "not": {
        // What is negated asks for rows of its own, wherever it stands; beside an aggregate it speaks of the gathered ones.
        let root = scope;
        while (root.prefix.length > 0 && root.gathered.length === 0) root = root.outer!;
        for (let at = scope; at !== root; at = at.outer!) at.correlated = true;
        return this.build(tree.item, root, !negated);
      }
      case "leaf":
      case "truth": {
        const [group] = groupsOf(tree, scope);
        if (group !== undefined) return this.related([tree], group, scope, negated);
        const own = tree.kind === "leaf" ? this.condition(tree, scope, negated) : this.truth(tree, scope, negated);
        return combine("and", [...rowsThere(tree, scope, own, negated), own], negated);
      }
      case "or":
        // A row that satisfies one of them, or another row that satisfies another: each asks for itself.
        return combine(
          "or",
          tree.items.map((item) => this.build(item, scope, negated)),
          negated,
        );
      case "and":
        return combine(
          "and",
          partsOf(tree.items, scope).map(({ items, groups: [group] }) =>
            items.length === 1 ? this.build(items[0]!, scope, negated) : this.related(items, group!, scope, negated),
          ),
          negated,
        );
      default:
        return tree satisfies never;
    }
  }

  /** True where a condition speaks of what a window says of the row: it holds after the window has seen all rows. */
  asksWindow(tree: Tree, scope: Scope): boolean {
    if (scope.annotations.length === 0) return false;
    switch (tree.kind) {
      case "leaf":
      case "truth": {
        const { value } = tree;
        const own = tree.kind === "leaf" ? tree.path.annotation : null;
        const names = [own, ...(isExpression(value) ? value.paths : [])];
        return names.some(
          (name) => name !== null && scope.annotated.has(name) && contains(this.annotation(name, scope).expr, "window"),
        );
      }
      case "not":
        return this.asksWindow(tree.item, scope);
      default:
        return tree.items.some((item) => this.asksWindow(item, scope));
    }
  }

  /** "There is a related row such that …": relations bring how that is asked. */
  private related(items: readonly Tree[], group: Group, scope: Scope, negated: boolean): Expr {
    const { relatedRow } = group.steps[0]!.field.brings as AskRelated;
    return relatedRow(this, items, group, scope, negated);
  }

  /** One condition on a column that this statement, or one around it, has, or on a computed value. */
  private condition({ path, value, slot }: Leaf, scope: Scope, negated: boolean): Expr {
    const { text, relation } = path;
    const target = this.target(path, scope);
    const { field, expr: left } = target;
    const lookup = path.annotation === null ? path.lookup : lookupOf(field, path, value);
    if (lookup.bySize) checkSorts(field, scope.dialect, text);
    const encode = keyEncoder(target.encode, relation, text);
    let positive: Expr;
    if (isExpression(value)) {
      // The comparison itself is the lookup's; only its right side is computed.
      const shape = lookup.build({
        left,
        field,
        path: text,
        encode: (given) => given as never,
        param: () => ({ kind: "param", slot: -1, encode: null }),
        list: () => {
          throw new TypeError(text);
        },
        dialect: scope.dialect,
        variant: "",
      });
      const place = this.place(scope, slot, this.ofGroups);
      positive = value.compared(shape as Extract<Expr, { kind: "compare" }>, target, place, text);
    } else if (value !== null && typeof value === "object" && isQuery(value)) {
      positive = {
        kind: "in",
        left,
        list: this.inner(value.state, scope, new Slots(slot), relation),
        negated: false,
      };
    } else {
      const context: LookupContext = {
        left,
        field,
        path: text,
        encode,
        param: (encoder) => ({ kind: "param", slot, encode: encoder }),
        list: (encoder) => ({
          kind: "list",
          slot,
          width: listWidth(value as readonly unknown[], scope.dialect),
          encode: encoder,
        }),
        dialect: scope.dialect,
        ...(path.annotation === null && { search: () => this.search(path, scope) }),
        variant: lookup.variant === null ? "" : lookup.variant(value),
      };
      positive = lookup.build(context);
    }
    return certain(negated === lookup.negated ? positive : negate(positive));
  }

  /** An expression in the place of a condition. */
  private truth({ value, slot }: Truth, scope: Scope, negated: boolean): Expr {
    const expr = value.truth(this.place(scope, slot, this.ofGroups));
    return certain(negated ? negate(expr) : expr);
  }

  /** The full-text index of a column, and the key that it knows its row by. */
  private search({ field, steps, text }: Path, scope: Scope): ReturnType<NonNullable<LookupContext["search"]>> {
    const { scope: owner, rest } = locate(scope, steps);
    const at = owner.at(rest);
    const { name, fields } = fullTextOf(at.meta, field, text);
    return {
      index: { schema: at.meta.table.schema, name },
      columns: fields.map((each) => at.column(each)),
      key: at.column(at.meta.pk),
    };
  }

  /** The left side of a condition, and how the values that it is compared with are encoded. */
  private target(path: Path, scope: Scope): Operand & { readonly encode: Encode } {
    const { field, annotation, steps } = path;
    if (annotation !== null) {
      const operand = this.annotation(annotation, scope);
      return { ...operand, encode: encoderOf(operand, scope) };
    }
    const { scope: owner, rest } = locate(scope, steps);
    const at = owner.at(rest);
    return { field, expr: at.column(field), within: field.type, encode: at.kept.byField.get(field)!.encode };
  }

  /** A computed value of the rows of the statement that named it. */
  annotation(name: string, scope: Scope): Operand {
    let at = scope;
    while (!at.annotated.has(name)) {
      at.correlated = true;
      at = at.outer!;
    }
    const known = at.built.get(name);
    if (known === null)
      throw new FieldError(`"${name}" is computed from itself`, {
        code: "annotation_cycle",
        hint: "give the new value another name",
      });
    if (known !== undefined) return known;
    const { expression, slot, ofGroup } = at.annotated.get(name)!;
    at.built.set(name, null);
    const place = this.place(at, slot, ofGroup && at.groupBy !== null);
    const built = beside(at, [], () => expression.built(place));
    checkPlaces(name, built);
    at.built.set(name, built);
    return built;
  }

  private place(scope: Scope, slot: number, grouped: boolean): PlaceInStatement {
    return { filter: this, scope, slots: new Slots(slot), grouped };
  }
}

/** The lookup of a computed value, now that its type is known. */
function lookupOf(field: Field, { text, word }: Path, value: unknown): Lookup {
  const lookup = findLookup(word, field);
  if (lookup !== null) {
    const given = value !== null && !isExpression(value) && !(typeof value === "object" && isQuery(value));
    if (given && lookup.accepts !== null && !lookup.accepts(value))
      throw wrongValue(text, lookup.expects ?? "another value", typeName(value));
    return lookup;
  }
  throw new FieldError(`"${word}" is not a lookup of this ${field.kind} value (in "${text}")`, {
    code: "unknown_lookup",
    hint: `known: ${lookupNames(field)}`,
  });
}

/** Values to compare with an operand, in its stored form. */
function encoderOf({ field }: Operand, { dialect }: Scope): Encode {
  const encode = field.codec(dialect.codec(field.type)).encode as Encode | null;
  return encode === null ? (value) => field.clean(value) as never : (value) => encode(field.clean(value));
}

/** Refuses a decimal whose places an integer of 64 bits cannot count. */
function checkPlaces(name: string, { scale = 0 }: Operand): void {
  if (scale > MOST_PLACES)
    throw new FieldError(`"${name}" has ${scale} decimal places; a computed value has ${MOST_PLACES} at most`, {
      code: "too_many_places",
      hint: "divide somewhere: division gives a float",
    });
}

/** Refuses what windows say where rows are put together: they look at them afterwards. */
export function withoutWindow(expr: Expr, what: string): Expr {
  if (!contains(expr, "window")) return expr;
  throw new UnsupportedError(`${what} comes before windows look at the rows`, {
    code: "window_filter",
    hint: 'give them a name first: With("ranked", …)',
  });
}

/** The ways to what the rows are grouped by, which are joined to make the groups. */
export const joinedTo = ({ groupBy, meta, annotations }: Scope): (readonly Relation[])[] =>
  (groupBy ?? [])
    .filter((name) => annotationIn(annotations, name) === null)
    .map((name) => parseFieldPath(meta, name).steps);

/** Asks something where conditions on the ways speak of the very rows that are joined. */
export function beside<Answer>(scope: Scope, ways: Scope["gathered"], ask: () => Answer): Answer {
  const { gathered } = scope;
  scope.gathered = ways;
  const answer = ask();
  scope.gathered = gathered;
  return answer;
}

/** What is known without looking: a column that is never NULL. */
function certain(expr: Expr): Expr {
  if (expr.kind === "isNull" && expr.item.kind === "column" && !expr.item.nullable)
    return { kind: "bool", value: expr.negated };
  return expr;
}

export const nothing = (expr: Expr): Expr | null => (expr.kind === "bool" && expr.value ? null : expr);

/** Joins conditions, flat; what is certain vanishes. Negated, the parts are negated already and the word turns. */
export function combine(join: "and" | "or", items: readonly Expr[], negated: boolean): Expr {
  const kind = negated ? (join === "and" ? "or" : "and") : join;
  const decides = kind === "or";
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  if (flat.some((item) => item.kind === "bool" && item.value === decides)) return { kind: "bool", value: decides };
  const left = flat.filter((item) => item.kind !== "bool");
  if (left.length === 0) return { kind: "bool", value: !decides };
  return left.length === 1 ? left[0]! : { kind, items: left };
}

/** The innermost table around `scope` whose way is the beginning of this one, and what is left of the way. */
export function locate(
  scope: Scope,
  steps: readonly Relation[],
): { readonly scope: Scope; readonly rest: readonly Relation[] } {
  let at = scope;
  while (!startsWith(steps, at.prefix)) {
    at.correlated = true;
    at = at.outer!;
  }
  return { scope: at, rest: steps.slice(at.prefix.length) };
}

const startsWith = (steps: readonly Relation[], prefix: readonly Relation[]): boolean =>
  prefix.length <= steps.length && prefix.every((relation, i) => relation === steps[i]);

export function rootOf(scope: Scope): Scope {
  let at = scope;
  while (at.prefix.length > 0) at = at.outer!;
  return at;
}

/** The to-many rows that a condition needs and that no statement around it has yet: at most one for each path. */
export function groupsOf(tree: Tree, scope: Scope): Group[] {
  switch (tree.kind) {
    case "leaf":
    case "truth":
      return pathsOf(tree, rootOf(scope)).flatMap((steps) => groupOf(steps, scope));
    case "not":
      // What is negated asks for rows of its own.
      return [];
    default:
      return tree.items.flatMap((item) => groupsOf(item, scope));
  }
}

export function groupOf(steps: readonly Relation[], scope: Scope): Group[] {
  let from = scope;
  while (!startsWith(steps, from.prefix)) from = from.outer!;
  const rest = steps.slice(from.prefix.length);
  const isGathered = (i: number): boolean =>
    from.gathered.some((way) => startsWith(way, steps.slice(0, from.prefix.length + i + 1)));
  const many = rest.findIndex((relation, i) => relation.many && !isGathered(i));
  return many < 0 ? [] : [{ from, steps: rest.slice(0, many + 1) }];
}

/** Every way that a condition goes: its own, and those of an expression on its right side. */
function pathsOf(tree: Leaf | Truth, { meta, annotations }: Scope): (readonly Relation[])[] {
  const own = tree.kind === "leaf" ? [tree.path.steps] : [];
  const { value } = tree;
  if (!isExpression(value)) return own;
  return [
    ...own,
    ...value.paths
      .filter((each) => annotationIn(annotations, each) === null)
      .map((each) => parseOperandPath(meta, each).steps),
  ];
}

export const sameGroup = (one: Group, other: Group): boolean =>
  one.from === other.from && one.steps.length === other.steps.length && startsWith(one.steps, other.steps);

/** That there is a row, where one need not be joined: only "is null" holds without it. */
function rowsThere(tree: Leaf | Truth, scope: Scope, own: Expr, negated: boolean): Expr[] {
  if (tree.kind === "leaf" && asksForNull(tree)) return [];
  return pathsOf(tree, rootOf(scope)).flatMap((steps): Expr[] => {
    const { scope: owner, rest } = locate(scope, steps);
    const last = rest.findLastIndex(({ many }) => many);
    if (last < 0) return [];
    const rows = owner.at(rest.slice(0, last + 1));
    if (rejectedBy(negated ? negate(own) : own).includes(rows.alias)) return [];
    return [{ kind: "isNull", item: rows.column(rows.meta.pk), negated: !negated }];
  });
}

/** Conditions that speak of the same rows stay together. */
function partsOf(items: readonly Tree[], scope: Scope): Part[] {
  let parts: Part[] = [];
  for (const item of items) {
    const groups = groupsOf(item, scope);
    const touched = parts.filter((part) => part.groups.some((one) => groups.some((other) => sameGroup(one, other))));
    if (touched.length === 0) {
      parts.push({ items: [item], groups });
      continue;
    }
    const first = touched[0]!;
    const merged: Part = {
      items: [...touched.flatMap((part) => part.items), item],
      groups: [...touched.flatMap((part) => part.groups), ...groups],
    };
    parts = parts
      .filter((part) => part === first || !touched.includes(part))
      .map((part) => (part === first ? merged : part));
  }
  return parts;
}

/** True where the condition holds for a column of a row that is not there. */
export function asksForNull({ path: { lookup }, value }: Leaf): boolean {
  return (
    (value === null && lookup.takesNull && !lookup.negated) ||
    (lookup === isnull && value === true) ||
    (lookup === notIsnull && value === false)
  );
}

/** An object in place of its key, where the path ends in a relation. */
function keyEncoder(encode: Encode, relation: Relation | null, text: string): Encode {
  return relation === null ? encode : (value) => encode(keyValue(relation, value, text));
}

/** True for an object that a relation may lead to, but that is not in the database yet. */
export const isUnsaved = ({ target }: Relation, value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  Object.prototype.isPrototypeOf.call(target.model.prototype, value) &&
  target.objects.storedOf(value) === null;

/** The error for one. The name of a hidden end is nothing that anybody wrote. */
export const notSaved = ({ hidden, reverse, target }: Relation, where: string): OperationalError =>
  new OperationalError(`"${hidden ? reverse.name : where}": this ${target.name} is not in the database`, {
    code: "not_saved",
    hint: "save it first",
  });

/** The key of an object that a relation leads to; a key as it is. */
export function keyValue(relation: Relation, value: unknown, where: string): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  const { target } = relation;
  if (!Object.prototype.isPrototypeOf.call(target.model.prototype, value))
    throw new FieldError(`"${where}" takes an object of ${target.name} or its key, not ${typeName(value)}`, {
      code: "wrong_model",
      hint: typeof (value as { then?: unknown }).then === "function" ? "wait for it first: await" : null,
    });
  if (target.objects.storedOf(value) === null) throw notSaved(relation, where);
  const { name } = isForward(relation) ? relation.to : target.pk;
  const key = (value as Record<string, unknown>)[name];
  if (key === undefined)
    throw new IncompleteInstanceError(`"${where}": ${target.name}.${name} was not loaded`, {
      hint: "name it in only(…)",
    });
  return key;
}
