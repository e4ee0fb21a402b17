import { exact, gt, gte, inList, isnull, lt, lte, not, notInList, notIsnull, range } from "./compare.js";
import { formOf } from "./form.js";
import { lookup, type Lookup } from "./lookup.js";
import { iregex, regex } from "./regex.js";
import { search } from "./search.js";
import { contains, endswith, icontains, iendswith, iexact, istartswith, startswith } from "./text.js";
import { date, day, hour, microsecond, minute, month, quarter, second, week, year } from "./time.js";

/** Lookups by the name that users write, but for those that a kind of field brings. */
const NAMES: Readonly<Record<string, Lookup>> = {
  exact,
  not,
  in: inList,
  not_in: notInList,
  isnull,
  not_isnull: notIsnull,
  gt,
  gte,
  lt,
  lte,
  range,
  contains,
  icontains,
  startswith,
  istartswith,
  endswith,
  iendswith,
  iexact,
  year,
  quarter,
  month,
  week,
  day,
  hour,
  minute,
  second,
  microsecond,
  date,
  posix_regex: regex,
  iposix_regex: iregex,
  search,
};

/** Lookups that a field brings: those of its kind alone, and those of the author's own. */
export type OwnLookups = Readonly<Record<string, Lookup>>;

/** What has lookups: a field, as far as they know it. */
interface HasLookups {
  readonly lookups: Lookup["groups"][number];
  readonly ownLookups: object | null;
}

/** The lookup that a field has under a name, or null. */
export function findLookup(name: string, { lookups: group, ownLookups }: HasLookups): Lookup | null {
  if (ownLookups !== null && Object.hasOwn(ownLookups, name)) return (ownLookups as OwnLookups)[name]!;
  const found = Object.hasOwn(NAMES, name) ? NAMES[name]! : null;
  return found !== null && found.groups.includes(group) ? found : null;
}

/** A relation is asked by what leads to its objects. */
export const RELATION: HasLookups = { lookups: "any", ownLookups: null };

/** Names that mean something of their own on a kind of field that brings them. */
const AMBIGUOUS = ["exact", "not", "contains"];

/**
 * What can be said of a lookup by its name alone. Where a kind of field may bring one of that name, values of different forms are told
 * apart as if each needed a statement of its own; what the lookup takes, and whether there is one, is judged when the field is known.
 */
export function lookupNamed(name: string): Lookup {
  const found = Object.hasOwn(NAMES, name) ? NAMES[name]! : null;
  if (found !== null && !AMBIGUOUS.includes(name)) return found;
  return { ...(found ?? BROUGHT), accepts: null, variant: formOf };
}

const BROUGHT: Lookup = lookup([], ({ left }) => left);

/** The names that a field has, for hints. */
export function lookupNames(field: HasLookups): string {
  const names = [...Object.keys(NAMES), ...Object.keys(field.ownLookups ?? {})];
  return [...new Set(names)].filter((name) => findLookup(name, field) !== null).join(", ");
}
