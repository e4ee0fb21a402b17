import { exact, gt, gte, inList, isnull, later, lt, lte, not, notInList, notIsnull, range } from "./compare.js";
import type { Lookup } from "./lookup.js";
import { contains, endswith, icontains, iendswith, iexact, istartswith, startswith } from "./text.js";
import { date, day, hour, microsecond, minute, month, quarter, second, week, year } from "./time.js";

const regex = /* @__PURE__ */ later(["text"], "a regular expression");
const json = /* @__PURE__ */ later(["json"], "a lookup inside JSON");

/** Lookups by the name that users write; a name may mean different things on different groups of fields. */
const NAMES: Readonly<Record<string, readonly Lookup[]>> = {
  exact: [exact],
  not: [not],
  in: [inList],
  not_in: [notInList],
  isnull: [isnull],
  not_isnull: [notIsnull],
  gt: [gt],
  gte: [gte],
  lt: [lt],
  lte: [lte],
  range: [range],
  contains: [contains, json],
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
  iposix_regex: [regex],
  search: [/* @__PURE__ */ later(["text"], "full-text search")],
  contained_by: [json],
  filter: [json],
  has_key: [json],
  length: [json],
};

/** The lookup that a field of a group has under a name, or null. */
export function findLookup(name: string, group: Lookup["groups"][number]): Lookup | null {
  return (Object.hasOwn(NAMES, name) ? NAMES[name]! : []).find((lookup) => lookup.groups.includes(group)) ?? null;
}

/** The names that a group of fields has, for hints. */
export function lookupNames(group: Lookup["groups"][number]): string {
  return Object.keys(NAMES)
    .filter((name) => findLookup(name, group) !== null)
    .join(", ");
}
