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
export { fields, JsonNull } from "./fields/index.js";
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
export { Index } from "./schema/meta.js";
export { omitUndefined, Q } from "./query/q.js";
export { F } from "./query/f.js";
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
export { atomic, inTransaction } from "./connection/atomic.js";
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
export type { AsyncStore } from "./connection/context.js";
export type { Dialect } from "./sql/dialect.js";
export type { Codec, ColumnType, SqlValue } from "./sql/column-type.js";
export { planCache } from "./plan/kept.js";
export type { PlanMode } from "./plan/kept.js";

export type { Awaitable } from "./types/awaitable.js";
export type { DescribeOptions, FieldDescription, ModelDescription } from "./types/describe.js";
export type { Arithmetic, At, Expression, NullOf, Ref } from "./types/expressions.js";
export type {
  Field,
  FieldValidator,
  ManyToManyOptions,
  OnDelete,
  OneToOneOptions,
  RelationOptions,
} from "./types/fields.js";
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
export type { Manager as ManagerOf } from "./types/manager.js";
export type { ConstraintOptions, IndexOptions, MetaOptions } from "./types/meta.js";
export type {
  HasInstance,
  ModelClass,
  ModelConstructor,
  ModelStatics,
  Statics,
  SubclassConstructor,
} from "./types/model.js";
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
export type { UsingOptions, UsingTarget } from "./types/using.js";
export type { Q as QOf, Where } from "./types/where.js";
export type { BulkCreateOptions, BulkOptions, NewValues, OmitUndefined } from "./types/writing.js";
