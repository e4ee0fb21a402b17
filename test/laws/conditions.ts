import fc from "fast-check";
import { F, Q as loose } from "./loose.js";
import type { Table } from "../../core/testing/conformance/models.js";
import { byText, columnOf, COLUMNS, rules, texts, type Group, type Plain } from "./world.js";

/** A condition three times: as data, as the library takes it, and as plain JavaScript decides it. */
export type Tree =
  | { readonly kind: "leaf"; readonly atoms: readonly Atom[] }
  | { readonly kind: "and" | "or"; readonly items: readonly Tree[] }
  | { readonly kind: "not"; readonly item: Tree };

/** One lookup of one field. */
export type Atom =
  | { readonly kind: "lookup"; readonly field: string; readonly lookup: string; readonly value: unknown }
  | { readonly kind: "column"; readonly field: string; readonly lookup: string; readonly other: string }
  | { readonly kind: "query"; readonly field: string; readonly lookup: "in" | "not_in"; readonly tree: Tree };

const ORDERED = ["gt", "gte", "lt", "lte"] as const;
const TEXT = ["contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact"] as const;
const DAY_PARTS = {
  year: [1, 2024, 2025, 9999, 0, 10_000],
  quarter: [1, 4],
  month: [1, 2, 12],
  week: [1, 52, 53],
  day: [1, 29, 31],
} as const;
const CLOCK_PARTS = {
  hour: [0, 13, 23],
  minute: [0, 5, 59],
  second: [0, 9, 59],
  microsecond: [0, 1, 250_000, 999_000],
} as const;

const hasOrder = (group: Group): boolean => group !== "equal";

function parts(group: Group): readonly (readonly [string, readonly number[]])[] {
  return [
    ...(group === "date" || group === "datetime" ? Object.entries(DAY_PARTS) : []),
    ...(group === "time" || group === "datetime" ? Object.entries(CLOCK_PARTS) : []),
  ];
}

/** Lookups of one field with values of its own kind. */
function lookupsOf(field: string): fc.Arbitrary<Atom> {
  const { kind } = columnOf.get(field)!;
  const { group, values } = kind;
  const atom = (lookup: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Atom> =>
    value.map((given): Atom => ({ kind: "lookup", field, lookup, value: given }));
  const list = fc.array(fc.option(values, { nil: null, freq: 5 }), { maxLength: 3 });
  const found = [
    atom("exact", fc.option(values, { nil: null, freq: 4 })),
    atom("not", fc.option(values, { nil: null, freq: 4 })),
    atom("in", list),
    atom("not_in", list),
    atom("isnull", fc.boolean()),
    atom("not_isnull", fc.boolean()),
  ];
  if (hasOrder(group))
    found.push(
      ...ORDERED.map((lookup) => atom(lookup, values)),
      atom(
        "range",
        fc.tuple(values, values).map((pair) => [...pair]),
      ),
    );
  if (hasOrder(group)) {
    const others = COLUMNS.filter((column) => column.kind === kind).map(({ name }) => name);
    found.push(
      fc
        .tuple(fc.constantFrom("exact", "not", ...ORDERED), fc.constantFrom(...others))
        .map(([lookup, other]): Atom => ({ kind: "column", field, lookup, other })),
    );
  }
  if (group === "text") found.push(...TEXT.map((lookup) => atom(lookup, texts)));
  found.push(...parts(group).map(([lookup, numbers]) => atom(lookup, fc.constantFrom(...numbers))));
  if (group === "datetime")
    found.push(atom("date", fc.constantFrom("2024-12-30", "2025-01-01", "0001-01-01", "9999-12-31", "2024-02-29")));
  return fc.oneof(...found);
}

const names = COLUMNS.map(({ name }) => name);

/** Any atom; `depth` bounds queries inside queries. */
const atoms = (depth: number): fc.Arbitrary<Atom> => {
  const plain = fc.constantFrom(...names).chain(lookupsOf);
  if (depth === 0) return plain;
  const query = fc
    .tuple(
      fc.constantFrom("id", "int", "intNull", "charNull", "datetimeNull"),
      fc.constantFrom("in" as const, "not_in" as const),
      trees(0),
    )
    .map(([field, lookup, tree]): Atom => ({ kind: "query", field, lookup, tree }));
  return fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: query });
};

/** Trees of and, or and not over lookups of all fields. Empty conditions are left to other tests: they vanish. */
export function trees(depth = 1): fc.Arbitrary<Tree> {
  const leaf = fc
    .uniqueArray(atoms(depth), { minLength: 1, maxLength: 3, selector: pathOf })
    .map((found): Tree => ({ kind: "leaf", atoms: found }));
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthIdentifier: `trees ${depth}` },
      leaf,
      fc
        .tuple(fc.constantFrom("and" as const, "or" as const), fc.array(tie("tree"), { minLength: 1, maxLength: 3 }))
        .map(([kind, items]): Tree => ({ kind, items })),
      tie("tree").map((item): Tree => ({ kind: "not", item })),
    ),
  }));
  return tree;
}

const pathOf = (atom: Atom): string => (atom.lookup === "exact" ? atom.field : `${atom.field}__${atom.lookup}`);

/** The tree as the library takes it. */
export function toQ(tree: Tree, model: Table): object {
  switch (tree.kind) {
    case "leaf":
      return loose(Object.fromEntries(tree.atoms.map((atom) => [pathOf(atom), valueOf(atom, model)])));
    case "not":
      return loose.not(toQ(tree.item, model));
    default:
      return loose[tree.kind](...tree.items.map((item) => toQ(item, model)));
  }
}

function valueOf(atom: Atom, model: Table): unknown {
  if (atom.kind === "lookup") return atom.value;
  if (atom.kind === "column") return F(atom.other);
  const query = model.filter(toQ(atom.tree, model));
  return atom.field === "id" ? query : query.valuesList(atom.field, { flat: true });
}

/** Does the tree hold for the row, among all rows? Two-valued: NULL fulfils no comparison, and its negation. */
export function holds(tree: Tree, row: Plain, all: readonly Plain[]): boolean {
  switch (tree.kind) {
    case "leaf":
      return tree.atoms.every((atom) => atomHolds(atom, row, all));
    case "not":
      return !holds(tree.item, row, all);
    case "and":
      return tree.items.every((item) => holds(item, row, all));
    default:
      return tree.items.some((item) => holds(item, row, all));
  }
}

const compareOf = (field: string): ((left: unknown, right: unknown) => number) =>
  (columnOf.get(field)?.kind.compare ?? ((left: number, right: number) => left - right)) as never;

function atomHolds(atom: Atom, row: Plain, all: readonly Plain[]): boolean {
  const own = row[atom.field] ?? null;
  if (atom.kind === "column") {
    const other = row[atom.other] ?? null;
    if (atom.lookup === "not") return own === null || other === null || compareOf(atom.field)(own, other) !== 0;
    return own !== null && other !== null && compared(atom.lookup, compareOf(atom.field)(own, other));
  }
  if (atom.kind === "query") {
    const among =
      own !== null &&
      all.some(
        (each) =>
          holds(atom.tree, each, all) &&
          (each[atom.field] ?? null) !== null &&
          compareOf(atom.field)(each[atom.field], own) === 0,
      );
    return among === (atom.lookup === "in");
  }
  return lookupHolds(atom.field, atom.lookup, own, atom.value);
}

function compared(lookup: string, order: number): boolean {
  return lookup === "gt"
    ? order > 0
    : lookup === "gte"
      ? order >= 0
      : lookup === "lt"
        ? order < 0
        : lookup === "lte"
          ? order <= 0
          : order === 0;
}

function lookupHolds(field: string, lookup: string, own: unknown, value: unknown): boolean {
  const compare = compareOf(field);
  const same = (other: unknown): boolean =>
    own === null || other === null ? own === other : compare(own, other) === 0;
  switch (lookup) {
    case "exact":
      return same(value);
    case "not":
      return !same(value);
    case "in":
      return (value as unknown[]).some(same);
    case "not_in":
      return !(value as unknown[]).some(same);
    case "isnull":
      return (own === null) === value;
    case "not_isnull":
      return (own !== null) === value;
    default:
      break;
  }
  if (own === null) return false;
  if (lookup === "range")
    return compare(own, (value as unknown[])[0]) >= 0 && compare(own, (value as unknown[])[1]) <= 0;
  if ((ORDERED as readonly string[]).includes(lookup)) return compared(lookup, compare(own, value));
  if ((TEXT as readonly string[]).includes(lookup)) return textHolds(lookup, own as string, value as string);
  return partOf(lookup, own) === value;
}

const folded = (text: string): string =>
  rules.foldsUnicode ? text.toLowerCase() : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function textHolds(lookup: string, own: string, value: string): boolean {
  const [text, part] = lookup.startsWith("i") ? [folded(own), folded(value)] : [own, value];
  switch (lookup.replace(/^i/, "")) {
    case "contains":
      return text.includes(part);
    case "startswith":
      return text.startsWith(part);
    case "endswith":
      return text.endsWith(part);
    default:
      return byText(text, part) === 0;
  }
}

function partOf(part: string, own: unknown): unknown {
  const text = own instanceof Date ? own.toISOString() : (own as string);
  const clock = text.length > 10 && text[4] === "-" ? text.slice(11) : text;
  const [year, month, day] = text.slice(0, 10).split("-").map(Number) as [number, number, number];
  switch (part) {
    case "date":
      return text.slice(0, 10);
    case "year":
      return year;
    case "quarter":
      return Math.ceil(month / 3);
    case "month":
      return month;
    case "day":
      return day;
    case "week":
      return isoWeek(text.slice(0, 10));
    case "hour":
      return Number(clock.slice(0, 2));
    case "minute":
      return Number(clock.slice(3, 5));
    case "second":
      return Number(clock.slice(6, 8));
    default:
      return Number(clock.slice(9).replace("Z", "").padEnd(6, "0"));
  }
}

/** Weeks begin on Monday; the first is that of the first Thursday. */
function isoWeek(day: string): number {
  const thursday = new Date(`${day}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const first = new Date(thursday);
  first.setUTCMonth(0, 1);
  return Math.floor((thursday.getTime() - first.getTime()) / 604_800_000) + 1;
}

/** One name to order by. */
export const orders: fc.Arbitrary<string[]> = fc.array(
  fc.tuple(fc.constantFrom("id", "pk", ...names), fc.boolean()).map(([name, down]) => (down ? `-${name}` : name)),
  { maxLength: 3 },
);

/** Rows in an order: NULL first ascending, ties by the key in the direction of the last name. */
export function sorted(rows: readonly Plain[], names_: readonly string[]): Plain[] {
  const terms = [...names_, ...(names_.length === 0 ? [] : [names_.at(-1)!.startsWith("-") ? "-id" : "id"])];
  return rows.toSorted((left, right) => {
    for (const term of terms) {
      const [name, sign] = term.startsWith("-") ? [term.slice(1), -1] : [term, 1];
      const order = orderOf(name === "pk" ? "id" : name, left, right);
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

function orderOf(name: string, left: Plain, right: Plain): number {
  const [one, other] = [left[name] ?? null, right[name] ?? null];
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
  return compareOf(name)(one, other);
}
