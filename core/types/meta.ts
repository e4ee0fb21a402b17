// The second argument of `Model.define`.

/** What an index is made of. */
export interface IndexOptions<Name extends string = string> {
  readonly fields: readonly Name[];
  /** made from the table and its columns when left out */
  readonly name?: string;
  /** only rows with these values are in the index (a partial index) */
  readonly where?: Readonly<Record<string, unknown>>;
  readonly unique?: boolean;
  /** set by `FullTextIndex` */
  readonly fullText?: { readonly tokenizer: string | null };
  /** set by `SpatialIndex` */
  readonly spatial?: true;
}

/** An index with more to say than its fields. */
export interface Index<Name extends string = string> extends IndexOptions<Name> {}

/** The type of `Index`: `indexes: [Index({ fields: ["email"], where: { isActive: true } })]`. */
export interface IndexFactory {
  <const Name extends string>(options: IndexOptions<Name>): Index<Name>;
}

/** What a spatial index is made of. */
export interface SpatialIndexOptions<Name extends string = string> {
  /** one field of shapes that is never null */
  readonly fields: readonly [Name];
  /** made from the table and its column when left out */
  readonly name?: string;
}

/** The type of `SpatialIndex`: `indexes: [SpatialIndex({ fields: ["place"] })]`. */
export interface SpatialIndexFactory {
  <const Name extends string>(options: SpatialIndexOptions<Name>): IndexOptions<Name>;
}

/** A rule of a table that no field can say. */
export interface ConstraintOptions {
  readonly name: string;
  /** a condition in SQL, written by the model's author: `"price" >= 0` */
  readonly check: string;
}

/** Options of a model. `Name` is one of its fields. */
export interface MetaOptions<Name extends string> {
  /** the table's name, when it is not the model's in snake case */
  readonly table?: string;
  readonly schema?: string;
  readonly description?: string;
  readonly uniqueTogether?: readonly (readonly Name[])[] | readonly Name[];
  readonly indexes?: readonly (readonly Name[] | IndexOptions<Name>)[];
  readonly constraints?: readonly ConstraintOptions[];
  /** the order of a query that names none; `-` for descending */
  readonly ordering?: readonly (Name | `-${Name}` | "pk" | "-pk")[];
  readonly app?: string;
  /** where `all()` and all other queries of the model start */
  readonly manager?: { readonly $manager: true };
  /** how columns are named after fields; `"snake"` when left out */
  readonly naming?: "snake" | "preserve";
  /** false: the table is not ours to create */
  readonly managed?: boolean;
  readonly defaultConnection?: string;
  /**
   * The integer field that counts how often a row was saved. `save()` of an object that is older than its row is a `GuardError`:
   * somebody else saved it meanwhile.
   */
  readonly version?: Name;
}

/** Says whether the model is abstract: without a table, there to be inherited from. */
export interface AbstractOption<Abstract> {
  readonly abstract?: Abstract;
}
