export {
  ConfigurationError,
  DBConnectionError,
  DoesNotExist,
  FieldError,
  GuardError,
  IncompleteInstanceError,
  IntegrityError,
  LimitError,
  MultipleObjectsReturned,
  NoValuesFetched,
  OperationalError,
  ParamsError,
  TerrapinError,
  TimeoutError,
  TransactionManagementError,
  UnsupportedError,
  ValidationError,
} from "./base/errors.js";
export type { IntegrityKind } from "./base/errors.js";

export { Model } from "./model/model.js";
export { Manager } from "./model/manager.js";
export { postDelete, postSave, preDelete, preSave, registerListener } from "./model/signals.js";
export * as fields from "./model/kinds.js";
export { JsonNull } from "./fields/data.js";
export {
  CommaSeparatedIntegerListValidator,
  DomainNameValidator,
  EmailValidator,
  MaxLengthValidator,
  MaxValueValidator,
  MinLengthValidator,
  MinValueValidator,
  RegexValidator,
  UrlValidator,
  validateIpv4Address,
  validateIpv6Address,
  validateIpv46Address,
} from "./fields/validators.js";
export { FullTextIndex } from "./schema/full-text.js";
export { Index, SpatialIndex } from "./schema/meta.js";
export { omitUndefined, Q } from "./query/q.js";
export { guard } from "./query/guard.js";
export { batch } from "./queryset/batch.js";
export { except, intersect, union } from "./queryset/combined.js";
export { With } from "./queryset/with.js";
export { F } from "./computed/f.js";
export { Avg, Count, Max, Min, Sum } from "./computed/functions/aggregate.js";
export { Case, When } from "./computed/functions/case.js";
export { sqlLookup, withLookups } from "./lookups/own.js";
export { sqlFunction } from "./computed/functions/function.js";
export { Abs, Ceil, Coalesce, Floor, NullIf, Random, Round } from "./computed/functions/math.js";
export { Exists, OuterRef, RawSql, Subquery } from "./computed/functions/subquery.js";
export { Concat, Length, Lower, Replace, Substr, Trim, Upper } from "./computed/functions/text.js";
export { Cast } from "./computed/functions/cast.js";
export { JsonLength, JsonValue } from "./computed/functions/json.js";
export { Extract, Now, Trunc } from "./computed/functions/time.js";
export { Value } from "./computed/functions/value.js";
export {
  DenseRank,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  PercentRank,
  Rank,
  RowNumber,
  Window,
} from "./computed/functions/window.js";
export { Prefetch } from "./query/prefetch.js";

export {
  closeConnections,
  connections,
  context,
  describeModel,
  describeModels,
  generateSchemas,
  getConnection,
  init,
  initModels,
  runAsync,
  schemaSql,
  Terrapin,
} from "./orm.js";
export type { Platform, SchemaOptions, TerrapinContext, TerrapinNamespace } from "./orm.js";
export type { InitConfig } from "./connection/config.js";
export * as timezone from "./connection/timezone.js";
export { atomic, inTransaction } from "./connection/atomic.js";
export { observe } from "./connection/observe.js";
export type { ObserveOptions, QueryListener, QueryObserver, QueryPlace } from "./connection/observe.js";
export type { ParamType, QueryEvent, QueryStatement } from "./connection/observe-event.js";
export { repeatedQueries } from "./connection/observe-repeated.js";
export type { RepeatedOptions } from "./connection/observe-repeated.js";
export { stats, withStats } from "./connection/stats.js";
export type { QueryStats, StatsOptions } from "./connection/stats.js";
export { queryLog, slowQueries } from "./connection/log.js";
export type { LogPart, QueryLogOptions } from "./connection/log.js";
export { readableSql } from "./connection/log-sql.js";
export type { Client } from "./connection/client.js";
export type { Connection } from "./connection/connection.js";
export type { Transaction } from "./connection/transaction.js";
export type {
  BeginOptions,
  Driver,
  Isolation,
  Limits,
  Result,
  Runner,
  Session,
  Statement,
} from "./connection/driver.js";
export { Fifo } from "./connection/fifo.js";
export type { FifoOptions } from "./connection/fifo.js";
export type { Router, RouterSource } from "./connection/routers.js";
export type { AsyncStore, RequestScope } from "./connection/context.js";
export type { Dialect } from "./sql/dialect.js";
export type { Codec, ColumnType, SqlValue } from "./sql/column-type.js";
export { planCache } from "./plan/kept.js";
export type { PlanMode } from "./plan/kept.js";

export type { Awaitable } from "./types/awaitable.js";
export type {
  AnyQuery,
  BatchFunction,
  BatchItem,
  BatchOptions,
  BatchResults,
  Guard,
  GuardFactory,
  GuardOptions,
} from "./types/batch.js";
export type { Combined, CombineFunction, QueriesOf, QueryOfRows, UnionFunction } from "./types/combined.js";
export type { DescribeOptions, FieldDescription, ModelDescription } from "./types/describe.js";
export type { Annotated, HasAnnotations } from "./types/annotations.js";
export type { Arithmetic, Asks, At, Expression, Gathers, Needs, Operated, Ref } from "./types/expressions.js";
export type {
  Aggregated,
  ArgumentField,
  DayResult,
  PartName,
  Calculated,
  Called,
  OwnFunction,
  WhenOf,
} from "./types/functions.js";
export type { GroupedQuerySet } from "./types/grouped.js";
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
} from "./types/results.js";
export type {
  Field,
  FieldValidator,
  ManyToManyOptions,
  OnDelete,
  OneToOneOptions,
  RelationOptions,
} from "./types/fields.js";
export type { FullTextIndexFactory, FullTextIndexOptions } from "./types/full-text.js";
export type { Instance, Model as ModelInstance, Only, RefreshOptions, SaveOptions } from "./types/instance.js";
export type { HasFields, ImplicitKey } from "./types/keys.js";
export type {
  AnyLookups,
  DateLookups,
  DatetimeLookups,
  JsonLookups,
  OrderedLookups,
  TextLookups,
  TimeLookups,
} from "./types/lookups.js";
export type { Loaded, LoadedBy, Loads, Prefetched } from "./types/loading.js";
export type { ExplainOptions, LockOptions } from "./types/locking.js";
export type { Manager as ManagerOf } from "./types/manager.js";
export type {
  JsonSchema,
  SchemaPurpose,
  SchemaPurposeOptions,
  StandardIssue,
  StandardSchema,
} from "./types/json-schema.js";
export type {
  ConstraintOptions,
  IndexOptions,
  MetaOptions,
  SpatialIndexFactory,
  SpatialIndexOptions,
} from "./types/meta.js";
export type {
  HasInstance,
  ModelClass,
  ModelConstructor,
  ModelStatics,
  Statics,
  SubclassConstructor,
} from "./types/model.js";
export type { AnyColumn, FieldWith, LookupSql, OwnArguments, OwnLookup, SameValue } from "./types/own-lookups.js";
export type { Page, PageOptions } from "./types/page.js";
export type { PathValue } from "./types/paths.js";
export type { Prefetch as PrefetchOf } from "./types/prefetch.js";
export type { QuerySet, RawQuerySet, SingleQuerySet } from "./types/queryset.js";
export type {
  LoadedMany,
  ManyToManyField,
  ManyToManyRelation,
  NotLoaded,
  ReverseOneToOne,
  ReverseRelation,
  ToOneField,
  ToOneRef,
} from "./types/relations.js";
export type {
  DeleteEvent,
  PostSaveEvent,
  PreSaveEvent,
  Signal,
  SignalEvents,
  SignalListener,
  StopListening,
} from "./types/signals.js";
export type { ScopeHandle, UsingOptions, UsingTarget } from "./types/using.js";
export type { Q as QOf, Where } from "./types/where.js";
export type { WindowCall } from "./types/windows.js";
export type {
  JoinedRows,
  NamedQuerySet,
  NamedRow,
  OptionalRows,
  RecursiveOptions,
  WithFunction,
} from "./types/with.js";
export type { BulkCreateOptions, BulkOptions, NewValues, OmitUndefined } from "./types/writing.js";
