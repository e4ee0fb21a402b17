import { exact, gt, gte, inList, isnull, lt, lte, not, notInList, notIsnull, range } from "./compare.js";
import { containedBy, containsDocument, hasKey, inside, length, otherDocument, sameDocument } from "./json.js";
import type { Lookup } from "./lookup.js";
import { iregex, regex } from "./regex.js";
import { search } from "./search.js";
import { contains, endswith, icontains, iendswith, iexact, istartswith, startswith } from "./text.js";
import { date, day, hour, microsecond, minute, month, quarter, second, week, year } from "./time.js";

/** Lookups by the name that users write; a name may mean different things on different groups of fields. */
const NAMES: Readonly<Record<string, readonly Lookup[]>> = {
  exact: [exact, sameDocument],
  not: [not, otherDocument],
  in: [inList],
  not_in: [notInList],
  isnull: [isnull],
  not_isnull: [notIsnull],
  gt: [gt],
  gte: [gte],
  lt: [lt],
  lte: [lte],
  range: [range],
  contains: [contains, containsDocument],
  icontains: [icontains],
  startswith: [startswith],
  istartswith: [istartswith],
  endswith: [endswith],
  iendswith: [iendswith],
  iexact: [iexact],
  year: [year],
  quarter: [quarter],
  month: [month],
  week: [week],
  day: [day],
  hour: [hour],
  minute: [minute],
  second: [second],
  microsecond: [microsecond],
  date: [date],
  posix_regex: [regex],
  iposix_regex: [iregex],
  search: [search],
  contained_by: [containedBy],
  filter: [inside],
  has_key: [hasKey],
  length: [length],
};

/** Lookups of the author's own. */
export type OwnLookups = Readonly<Record<string, Lookup>>;

/** What has lookups: a field, as far as they know it. */
interface HasLookups {
  readonly lookups: Lookup["groups"][number];
  readonly ownLookups: object | null;
}

/** The lookup that a field has under a name, or null. */
export function findLookup(name: string, { lookups: group, ownLookups }: HasLookups): Lookup | null {
  if (ownLookups !== null && Object.hasOwn(ownLookups, name)) return (ownLookups as OwnLookups)[name]!;
  return (Object.hasOwn(NAMES, name) ? NAMES[name]! : []).find((lookup) => lookup.groups.includes(group)) ?? null;
}

/** A relation is asked by what leads to its objects. */
export const RELATION: HasLookups = { lookups: "any", ownLookups: null };

/** What can be said of a lookup by its name alone: it takes what one of that name takes, and tells all their forms apart. */
export function lookupNamed(name: string): Lookup | null {
  if (!Object.hasOwn(NAMES, name)) return null;
  const [first, ...others] = NAMES[name]! as [Lookup, ...Lookup[]];
  if (others.length === 0) return first;
  const all = [first, ...others];
  return {
    ...first,
    accepts: (value) => all.some(({ accepts }) => accepts === null || accepts(value)),
    variant: (value) => all.map(({ variant }) => variant?.(value) ?? "").join("/"),
  };
}

/** The names that a field has, for hints. */
export function lookupNames(field: HasLookups): string {
  return [
    ...Object.keys(NAMES).filter((name) => findLookup(name, field) !== null),
    ...Object.keys(field.ownLookups ?? {}),
  ].join(", ");
}
