import { FieldError, typeName } from "../base/errors.js";
import { isPlain } from "../base/taken.js";
import { JsonNull } from "../fields/data.js";
import type { Expr, JsonPath, JsonQuestion, JsonValueOf } from "../sql/ast.js";
import { gt, gte, lt, lte, range } from "./compare.js";
import { sortOf, type Sort } from "./form.js";
import type { OwnLookups } from "./index.js";
import { lookup, opposite, type Lookup, type LookupContext } from "./lookup.js";
import { contains, endswith, icontains, iendswith, iexact, istartswith, startswith } from "./text.js";

const JSON_ONLY = ["json"] as const;
const WHOLE: JsonPath = [];

/** A place in a document. Its parameters come from one slot, whatever is taken out of the value there. */
interface Place {
  readonly context: LookupContext;
  readonly path: JsonPath;
  /** what is compared with this place, out of the value of the condition */
  readonly pick: (value: unknown) => unknown;
}

const ask = ({ context, path }: Place, question: JsonQuestion, value: Expr | null = null): Expr => ({
  kind: "json",
  ask: question,
  item: context.left,
  path,
  slot: context.param(null).slot,
  value,
});

const valueAt = ({ context, path }: Place, as: JsonValueOf): Expr => ({
  kind: "jsonValue",
  as,
  item: context.left,
  path,
  slot: context.param(null).slot,
});

/** The value there is this one. The field judges it first: it must be one that JSON has. */
function equals(place: Place, sort: Sort): Expr {
  const { context, pick } = place;
  const checked = (value: unknown): unknown => {
    context.encode(pick(value));
    return pick(value);
  };
  if (sort === "number" || sort === "text")
    return {
      kind: "compare",
      op: "=",
      left: valueAt(place, sort),
      right: context.param((value) => checked(value) as never),
    };
  return sort === "document"
    ? ask(
        place,
        "equals",
        context.param((value) => context.encode(pick(value))),
      )
    : ask(place, sort);
}

const whole = (context: LookupContext): Place => ({ context, path: WHOLE, pick: (value) => value });

/** `document: value`: the order of keys says nothing, and 1 is 1.0. Plain null is SQL's NULL. */
const sameDocument: Lookup = lookup(
  JSON_ONLY,
  (context) =>
    context.variant === "nothing"
      ? { kind: "isNull", item: context.left, negated: false }
      : equals(whole(context), context.variant as Sort),
  { takesNull: true, variant: sortOf },
);
const otherDocument: Lookup = opposite(sameDocument);

const about = (question: JsonQuestion): Lookup =>
  lookup(JSON_ONLY, (context) => ask(whole(context), question, context.param(context.encode)));

/**
 * `document__contains: part`: an object has these keys, each with a value that contains this one; an array has an
 * element for each of these, and also for a single one; anything else is equal.
 */
const containsDocument: Lookup = about("contains");
/** The same the other way round: what is stored is contained in the value. */
const containedBy: Lookup = about("containedBy");

/** `document__has_key: "name"`: an object with this key, whatever stands there. */
const hasKey: Lookup = lookup(JSON_ONLY, (context) => ask(whole(context), "hasKey", context.param(null)), {
  expects: "the name of a key",
  accepts: (value) => typeof value === "string" && value.isWellFormed(),
});

/** `document__length: 3`: elements of an array, keys of an object; everything else has length 1. */
const length: Lookup = lookup(
  JSON_ONLY,
  (context) => ({
    kind: "compare",
    op: "=",
    left: valueAt(whole(context), "length"),
    right: context.param(null),
  }),
  { expects: "a whole number", accepts: (value) => Number.isSafeInteger(value) },
);

/** A word at the end of a path inside a document. */
interface InnerLookup {
  readonly expects: string;
  readonly accepts: (value: unknown) => boolean;
  readonly variant: (value: unknown) => string;
  readonly build: (place: Place, variant: string) => Expr;
  readonly negated?: true;
}

/** A lookup of columns on the text or number at a place. */
function onValue(of: Lookup, place: Place, as: "text" | "number", variant: string): Expr {
  const { context, pick } = place;
  return of.build({
    ...context,
    left: valueAt(place, as),
    encode: (value) => value as never,
    param: (encode) => context.param((value) => (encode === null ? (pick(value) as never) : encode(pick(value)))),
    variant,
  });
}

const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed();
const isSized = (value: unknown): boolean => isText(value) || (typeof value === "number" && Number.isFinite(value));

const ofText = (of: Lookup): InnerLookup => ({
  expects: "a text",
  accepts: isText,
  variant: (value) => of.variant?.(value) ?? "",
  build: (place, variant) => onValue(of, place, "text", variant),
});

/** By size: numbers among numbers, texts among texts. */
const bySize = (of: Lookup): InnerLookup => ({
  expects: "a number or a text",
  accepts: isSized,
  variant: sortOf,
  build: (place, variant) => onValue(of, place, variant as "text" | "number", ""),
});

const ANYTHING: InnerLookup = {
  expects: "a value that JSON has",
  accepts: (value) => value !== undefined,
  variant: sortOf,
  build: (place, variant) => equals(place, variant as Sort),
};

const IS_NULL: InnerLookup = {
  expects: "true or false",
  accepts: (value) => typeof value === "boolean",
  variant: String,
  build: (place, variant) => (variant === "true" ? ask(place, "nothing") : not(ask(place, "nothing"))),
};

const AMONG: InnerLookup = {
  expects: "an array of texts, numbers, true, false and null",
  accepts: (value) => Array.isArray(value) && value.every((one) => isSized(one) || isSimple(one)),
  variant: (value) => ((value as readonly unknown[]).includes(null) ? "null" : ""),
  build(place, variant) {
    const { context, pick } = place;
    const list = context.param((value) =>
      JSON.stringify((pick(value) as readonly unknown[]).filter((one) => one !== null)),
    );
    const among = ask(place, "among", list);
    return variant === "null" ? { kind: "or", items: [among, ask(place, "nothing")] } : among;
  },
};
const isSimple = (value: unknown): boolean => value === null || value === JsonNull || typeof value === "boolean";

const RANGE: InnerLookup = {
  expects: "an array of two numbers or two texts",
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(isSized) && typeof value[0] === typeof value[1],
  variant: (value) => sortOf((value as readonly unknown[])[0]),
  build: (place, variant) => onValue(range, place, variant as "text" | "number", ""),
};

const reversed = (of: InnerLookup): InnerLookup => ({ ...of, negated: true });

/** Made when it is asked for: nothing runs when the module is loaded. */
function innerLookup(word: string): InnerLookup | null {
  switch (word) {
    case "exact":
      return ANYTHING;
    case "not":
      return reversed(ANYTHING);
    case "in":
      return AMONG;
    case "not_in":
      return reversed(AMONG);
    case "isnull":
      return IS_NULL;
    case "not_isnull":
      return reversed(IS_NULL);
    case "range":
      return RANGE;
    default: {
      const of = COLUMN_WORDS[word];
      return of === undefined || !Object.hasOwn(COLUMN_WORDS, word) ? null : of.bySize ? bySize(of) : ofText(of);
    }
  }
}

/** Words that mean inside a document what they mean on a column. */
const COLUMN_WORDS: Readonly<Record<string, Lookup>> = {
  gt,
  gte,
  lt,
  lte,
  contains,
  icontains,
  startswith,
  istartswith,
  endswith,
  iendswith,
  iexact,
};

interface Inner {
  readonly key: string;
  readonly path: JsonPath;
  readonly lookup: InnerLookup;
}

/** `a__b__0__gte`: steps into the document, digits into an array, and a word that may end it. */
function parseInner(key: string): Inner {
  const parts = key.split("__");
  const found = parts.length > 1 ? innerLookup(parts.at(-1)!) : null;
  const steps = found === null ? parts : parts.slice(0, -1);
  if (!key.isWellFormed() || steps.includes(""))
    throw new FieldError(`"${key.toWellFormed()}" is not a path into a JSON document`, {
      code: "json_path",
      hint: 'write "a__b__0__gte": keys and indexes, and a lookup at the end',
    });
  const path = steps.map((step) => (/^\d{1,9}$/.test(step) ? Number(step) : step));
  return { key, path, lookup: found ?? ANYTHING };
}

const not = (item: Expr): Expr => ({ kind: "notTrue", item });

/** The conditions of a filter, checked; what they are is in the variant, what they compare with is not. */
function innerVariants(value: unknown): [key: string, variant: string][] {
  return Object.entries(value as object).map(([key, wanted]) => {
    const { lookup: inner } = parseInner(key);
    if (!inner.accepts(wanted))
      throw new FieldError(`"${key}" inside a JSON document takes ${inner.expects}, not ${typeName(wanted)}`, {
        code: "bad_value",
      });
    return [key, inner.variant(wanted)];
  });
}

/**
 * `document__filter: { a__b: 1, tags__0__startswith: "x", price__gte: 3 }`: what stands at these paths.
 *
 * A path that leads nowhere is like null: only `null`, `__isnull: true` and the negated lookups hold there.
 */
const inside: Lookup = lookup(
  JSON_ONLY,
  (context) => ({
    kind: "and",
    items: (JSON.parse(context.variant) as [string, string][]).map(([key, variant]) => {
      const { path, lookup: inner } = parseInner(key);
      const place: Place = { context, path, pick: (value) => (value as Readonly<Record<string, unknown>>)[key] };
      const built = inner.build(place, variant);
      return inner.negated === true ? not(built) : built;
    }),
  }),
  {
    expects: "an object of paths and values, at least one",
    accepts: (value) => typeof value === "object" && value !== null && isPlain(value) && Object.keys(value).length > 0,
    variant: (value) => JSON.stringify(innerVariants(value)),
  },
);

/** The lookups of JSON documents: `fields.json` brings them. */
export const ofDocuments: OwnLookups = {
  exact: sameDocument,
  not: otherDocument,
  contains: containsDocument,
  contained_by: containedBy,
  filter: inside,
  has_key: hasKey,
  length,
};
