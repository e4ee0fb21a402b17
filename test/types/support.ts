// The public surface as the type tests see it. Every type named here can appear in a user's declaration file, so the
// package must export it: what it does not, a compiler cannot name (TS2742, TS4020).
import type { BatchFunction, GuardFactory } from "../../core/types/batch.js";
import type { FFunction } from "../../core/types/expressions.js";
import type { FactoryFunction } from "../../core/types/factory.js";
import type { FieldsApi } from "../../core/types/fields.js";
import type {
  AbsFunction,
  AvgFunction,
  CastFunction,
  ExtractFunction,
  JsonLengthFunction,
  JsonValueFunction,
  NowFunction,
  RoundFunction,
  TruncFunction,
  WholeFunction,
  CaseFunction,
  CoalesceFunction,
  ConcatFunction,
  CountFunction,
  ExistsFunction,
  ExtremeFunction,
  LengthFunction,
  NullIfFunction,
  OuterRefFunction,
  RandomFunction,
  RawSqlFunction,
  ReplaceFunction,
  SqlFunctionFactory,
  SubqueryFunction,
  SubstrFunction,
  SumFunction,
  TextFunction,
  ValueFunction,
  WhenFunction,
} from "../../core/types/functions.js";
import type { IndexFactory } from "../../core/types/meta.js";
import type { ModelRoot } from "../../core/types/model.js";
import type { ManagerConstructor } from "../../core/types/manager.js";
import type { PrefetchFunction } from "../../core/types/prefetch.js";
import type {
  EndFunction,
  NeighbourFunction,
  RankFunction,
  ShareFunction,
  WindowFunction,
} from "../../core/types/windows.js";
import type { SqlLookupFunction, WithLookupsFunction } from "../../core/types/own-lookups.js";
import type { QFactory } from "../../core/types/where.js";
import type { WithFunction } from "../../core/types/with.js";
import type { OmitUndefinedFunction } from "../../core/types/writing.js";

export declare const Model: ModelRoot;
export declare const fields: FieldsApi;
export declare const Q: QFactory;
export declare const F: FFunction;
export declare const Count: CountFunction;
export declare const Sum: SumFunction;
export declare const Avg: AvgFunction;
export declare const Min: ExtremeFunction;
export declare const Max: ExtremeFunction;
export declare const Value: ValueFunction;
export declare const Coalesce: CoalesceFunction;
export declare const NullIf: NullIfFunction;
export declare const Abs: AbsFunction;
export declare const Random: RandomFunction;
export declare const Lower: TextFunction;
export declare const Upper: TextFunction;
export declare const Trim: TextFunction;
export declare const Length: LengthFunction;
export declare const Concat: ConcatFunction;
export declare const Substr: SubstrFunction;
export declare const Replace: ReplaceFunction;
export declare const When: WhenFunction;
export declare const Case: CaseFunction;
export declare const Subquery: SubqueryFunction;
export declare const Exists: ExistsFunction;
export declare const OuterRef: OuterRefFunction;
export declare const RawSql: RawSqlFunction;
export declare const Cast: CastFunction;
export declare const Extract: ExtractFunction;
export declare const JsonLength: JsonLengthFunction;
export declare const JsonValue: JsonValueFunction;
export declare const Now: NowFunction;
export declare const Round: RoundFunction;
export declare const Floor: WholeFunction;
export declare const Ceil: WholeFunction;
export declare const Trunc: TruncFunction;
export declare const sqlLookup: SqlLookupFunction;
export declare const withLookups: WithLookupsFunction;
export declare const With: WithFunction;
export declare const Window: WindowFunction;
export declare const RowNumber: RankFunction;
export declare const Rank: RankFunction;
export declare const DenseRank: RankFunction;
export declare const PercentRank: ShareFunction;
export declare const Lag: NeighbourFunction;
export declare const Lead: NeighbourFunction;
export declare const FirstValue: EndFunction;
export declare const LastValue: EndFunction;
export declare const sqlFunction: SqlFunctionFactory;
export declare const Index: IndexFactory;
export declare const Manager: ManagerConstructor;
export declare const Prefetch: PrefetchFunction;
export declare const batch: BatchFunction;
export declare const guard: GuardFactory;
export declare const omitUndefined: OmitUndefinedFunction;

export type { Awaitable } from "../../core/types/awaitable.js";
export type { AnyQuery, BatchItem, BatchOptions, BatchResults, Guard, GuardOptions } from "../../core/types/batch.js";
export type { Annotated, HasAnnotations } from "../../core/types/annotations.js";
export type { Arithmetic, Asks, At, Expression, Gathers, Needs, Operated, Ref } from "../../core/types/expressions.js";
export type {
  Aggregated,
  ArgumentField,
  Calculated,
  Called,
  OwnFunction,
  WhenOf,
} from "../../core/types/functions.js";
export type { GroupedQuerySet } from "../../core/types/grouped.js";
export type {
  Computed,
  DecimalResult,
  FloatResult,
  Given,
  Like,
  Made,
  NumberConstant,
  SomeResult,
  TextResult,
  UnknownResult,
  WholeResult,
} from "../../core/types/results.js";
export type { Field } from "../../core/types/fields.js";
export type { Instance, Model as ModelInstance, Only } from "../../core/types/instance.js";
export type { HasFields, ImplicitKey } from "../../core/types/keys.js";
export type {
  AnyLookups,
  DateLookups,
  DatetimeLookups,
  JsonLookups,
  OrderedLookups,
  TextLookups,
  TimeLookups,
} from "../../core/types/lookups.js";
export type { Index as IndexOf } from "../../core/types/meta.js";
export type {
  HasInstance,
  ModelClass,
  ModelConstructor,
  ModelStatics,
  Statics,
  SubclassConstructor,
} from "../../core/types/model.js";
export type { Loaded, LoadedBy, Loads, Prefetched } from "../../core/types/loading.js";
export type { Manager as ManagerOf } from "../../core/types/manager.js";
export type { PathValue } from "../../core/types/paths.js";
export type { Prefetch as PrefetchOf } from "../../core/types/prefetch.js";
export type { QuerySet, RawQuerySet, SingleQuerySet } from "../../core/types/queryset.js";
export type {
  LoadedMany,
  ManyToManyField,
  ManyToManyRelation,
  NotLoaded,
  ReverseOneToOne,
  ReverseRelation,
  ToOneField,
  ToOneRef,
} from "../../core/types/relations.js";
export type { Q as QOf, Where } from "../../core/types/where.js";
export type { WindowCall } from "../../core/types/windows.js";
export type { NewValues } from "../../core/types/writing.js";

// Of terrapin/testing.
export declare const factory: FactoryFunction;
export type * from "../../core/types/factory.js";
