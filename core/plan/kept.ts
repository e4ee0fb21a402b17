import type { Restore } from "../connection/transaction.js";
import type { Field, IsCanonical } from "../fields/field.js";
import type { Held, Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Encode, Expr } from "../sql/ast.js";
import type { Codec, SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import { ShapeNode } from "./shape.js";

/** `on`: plans are kept. `off`: every query compiles. `verify`: every query compiles, and a kept plan must be the same. */
export type PlanMode = "on" | "off" | "verify";

/** Counters and mode of the plans, shared by all models. */
export const planCache: { mode: PlanMode; maxShapes: number; hits: number; compiles: number } = {
  mode: "on",
  maxShapes: 2000,
  hits: 0,
  compiles: 0,
};

/** One column of a model as one dialect stores it. */
export interface Column {
  readonly field: Field;
  /** the attribute */
  readonly name: string;
  /** its position in the model's fields */
  readonly at: number;
  readonly codec: Codec;
  /** true for a value that is written as it is */
  readonly isCanonical: IsCanonical;
  /** how its values are stored; null: as they are */
  readonly store: ((value: unknown) => SqlValue) | null;
  /** its values can be changed inside, so an object must not share them with its giver */
  readonly mutable: boolean;
  /** for filters: the user's value, cleaned and encoded; never called with null */
  readonly encode: Encode;
  /** for writes: cleaned, validated and encoded; null where the field allows it */
  readonly write: (value: unknown) => SqlValue;
}

/** What is kept for one model and one dialect: its columns' codecs, and its plans by shape. */
export class Kept {
  readonly columns: readonly Column[];
  readonly byField: ReadonlyMap<Field, Column>;
  /** by attribute, the key also as `pk` */
  readonly byName: ReadonlyMap<string, Column>;
  /** fields whose default is a function, which may give a promise */
  readonly lazyDefaults: readonly Field[];
  /** fields that the clock sets */
  readonly clocks: readonly Field[];
  /** the column that counts saves; null: none */
  readonly version: Column | null;
  /** fields whose value the database makes */
  readonly generated: readonly Field[];
  /** to-one relations by the column that holds their key */
  readonly toOne: ReadonlyMap<Field, Relation>;
  /** gives an object back what it held before a write that was rolled back */
  readonly restore: Restore;
  readonly shapes: Record<string, ShapeNode> = {};
  /** where the plans of one row stand */
  one: OneRow;
  /** how many shapes are kept, so that they stay bounded */
  size = 0;

  constructor(
    readonly meta: Meta,
    readonly dialect: Dialect,
  ) {
    this.columns = meta.fields.map((field, at) => makeColumn(field, at, dialect));
    this.lazyDefaults = meta.fields.filter((field) => typeof field.default === "function");
    this.clocks = meta.fields.filter((field) => field.autoNow || field.autoNowAdd);
    this.generated = meta.fields.filter((field) => field.generated);
    this.byName = new Map([
      ["pk", this.columns[meta.pkIndex]!],
      ...this.columns.map((column): [string, Column] => [column.field.name, column]),
    ]);
    this.byField = new Map(this.columns.map((column) => [column.field, column]));
    this.version = meta.version === null ? null : this.byField.get(meta.version)!;
    const toOne = new Map<Field, Relation>();
    // A to-one relation that is written is its column.
    for (const [name, relation] of meta.relations) {
      if (relation.backward || relation.through !== null) continue;
      (this.byName as Map<string, Column>).set(name, this.byField.get(relation.from)!);
      toOne.set(relation.from, relation);
    }
    this.toOne = toOne;
    this.restore = (object, key, held) => {
      (object as Record<string, unknown>)[meta.pk.name] = key;
      meta.objects.hold(object, held as Held);
    };
    this.one = this.#noRows();
  }

  /** The root of the shapes of one kind of statement. */
  root(kind: string): ShapeNode {
    return (this.shapes[kind] ??= new ShapeNode(this));
  }

  /**
   * Counts a new shape. Shapes come from programs, so they are few; when they are not (names that do not exist, from
   * somewhere outside), starting again costs less than looking for the oldest.
   */
  grow(): void {
    if (++this.size > planCache.maxShapes) this.clear();
  }

  /** Forgets every plan. */
  clear(): void {
    this.size = 0;
    for (const kind of Object.keys(this.shapes)) delete this.shapes[kind];
    this.one = this.#noRows();
  }

  #noRows(): OneRow {
    const node = (): ShapeNode => new ShapeNode(this);
    return { insert: node(), insertKeyed: node(), update: node(), delete: node() };
  }
}

/** The plans of statements for one row: found without a walk, because the row's own cost is a microsecond. */
interface OneRow {
  /** without the generated key */
  readonly insert: ShapeNode;
  readonly insertKeyed: ShapeNode;
  /** the columns follow */
  readonly update: ShapeNode;
  readonly delete: ShapeNode;
}

/** What is kept of a model for a dialect; made at the first use. */
export function keptFor(meta: Meta, dialect: Dialect): Kept {
  const { kept } = meta;
  for (let i = 0; i < kept.length; i++) if (kept[i]!.dialect === dialect) return kept[i]!.plans as Kept;
  const made = new Kept(meta, dialect);
  kept.push({ dialect, plans: made });
  return made;
}

/** A column, or what was computed as one, as it is read. */
export const asRead = (expr: Expr, { readAs }: Codec): Expr =>
  readAs === null ? expr : { kind: "cast", item: expr, to: readAs };

function makeColumn(field: Field, at: number, dialect: Dialect): Column {
  const codec = field.codec(dialect.codec(field.type));
  const encode = codec.encode as Encode | null;
  return {
    field,
    name: field.name,
    at,
    codec,
    isCanonical: field.isCanonical,
    store: encode,
    mutable: field.type.kind === "json",
    encode: encode === null ? (value) => field.clean(value) as SqlValue : (value) => encode(field.clean(value)),
    write:
      encode === null
        ? (value) => field.forWrite(value) as SqlValue
        : (value) => {
            const clean = field.forWrite(value);
            return clean === null ? null : encode(clean);
          },
  };
}
