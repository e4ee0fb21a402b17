import { ConfigurationError, ParamsError, typeName, type TerrapinError } from "../base/errors.js";
import { Client } from "./client.js";
import type { Connection } from "./connection.js";
import type { Listening } from "./observe.js";
import type { ConnectionRegistry } from "./registry.js";
import type { Route } from "./routers.js";
import type { Transaction } from "./transaction.js";

/** A value that follows a call through its promises: what AsyncLocalStorage is. Handed in, because not every runtime has it. */
export interface AsyncStore<T> {
  getStore(): T | undefined;
  run<R>(value: T, work: () => R): R;
}

/** What a stretch of code runs inside: a context, a transaction, and what stands around both. */
export interface Scope {
  /** null: whatever is the default context when it is asked for */
  readonly context: Context | null;
  readonly transaction: Transaction | null;
  readonly outer: Scope | null;
  /** Who is told of the queries inside; null: nobody at all */
  readonly listening?: Listening | null;
  /** Connections that were written to, kept where there are routers: what was written must be read from there. */
  written?: Set<Connection>;
}

/** Where a query runs: a connection's name, a connection, or a transaction. */
export type UsingTarget = string | Client | RequestScope;

/** Which client a model's queries go to while nothing else is said. */
export interface Binding {
  readonly connectionName: string;
  /** null until the connection is used for the first time */
  client: Client | null;
}

/** A set of connections, and which model uses which. */
export class Context {
  /** keyed by whatever stands for a model */
  readonly bindings: Map<object, Binding> = new Map();
  /** What routers say; null where there are none. */
  route: Route | null = null;

  constructor(readonly connections: ConnectionRegistry) {}

  /** Says which connection a model uses. */
  bind(key: object, connectionName: string): void {
    this.bindings.set(key, this.connections.binding(connectionName));
  }

  /** The connections that routers let models be written to; none where there are no routers. */
  namesForWriting(): string[] {
    const { route, bindings } = this;
    if (route === null) return [];
    return [
      ...new Set(
        Array.from(bindings, ([key, { connectionName }]) => route(modelOf(key), nameOf(key), true) ?? connectionName),
      ),
    ];
  }

  /**
   * A scope by handle, for where nothing carries one.
   * @example
   * const scope = orm.scope();
   * await User.create({ username: "ali" }, { usingDb: scope });
   * await User.usingDb(scope).count(); // on the primary, where routers send other reads to a replica
   */
  scope(): RequestScope {
    return new RequestScope(this);
  }

  /** Runs `work` with this context in place of the default one; a query that it gives back runs here too. */
  run<R>(work: () => R): R extends PromiseLike<unknown> ? Promise<Awaited<R>> : R {
    if (store === null)
      throw new ConfigurationError("run needs an async context, and this runtime has not given one", {
        code: "no_async_context",
        hint: "init({ asyncContext: asyncContext() }) with asyncContext from terrapin/async-context, or pass usingDb",
      });
    const outer = store.getStore() ?? null;
    return store.run({ context: this, transaction: null, outer }, () => {
      const answer: unknown = work();
      // A query that is awaited by the caller would ask the caller's context.
      return typeof (answer as { then?: unknown } | null | undefined)?.then === "function"
        ? Promise.resolve(answer)
        : answer;
    }) as never;
  }
}

/**
 * One request or job of a context by handle, for where nothing carries scopes: `User.usingDb(scope)`, `scope.use(User)`, or
 * `{ usingDb: scope }` as a call's last option. Where routers send reads to a copy, it reads where it has written.
 */
export class RequestScope {
  readonly isRequestScope = true;
  readonly #written = new Set<Connection>();

  constructor(readonly context: Context) {}

  /**
   * The same model, query set or relation, in this scope.
   * @example
   * const scope = orm.scope();
   * await scope.use(User).filter({ isActive: true });
   */
  use<Item extends { usingDb(target: RequestScope): unknown }>(item: Item): Item {
    return item.usingDb(this) as Item;
  }

  /** The scope as code that runs in it sees it. */
  get scope(): Scope {
    return { context: this.context, transaction: null, outer: currentScope(), written: this.#written };
  }
}

let store: AsyncStore<Scope> | null = null;
let defaultContext: Context | null = null;

/** Gives every context the store that scopes travel in; null takes it away. */
export function setAsyncStore(next: AsyncStore<Scope> | null): void {
  store = next;
}

/** The store that scopes travel in, or null where there is none. */
export function asyncStore(): AsyncStore<Scope> | null {
  return store;
}

/** Makes a context the one that is used when no other is said. */
export function setDefaultContext(context: Context | null): void {
  defaultContext = context;
}

/** The context that is used when no other is said, or null before `init`. */
export function getDefaultContext(): Context | null {
  return defaultContext;
}

/** What the calling code runs inside, or null when that is nothing or cannot be known. */
export function currentScope(): Scope | null {
  return store === null ? null : (store.getStore() ?? null);
}

/** The context of the calling code: that of `orm.run`, or the default one. */
export function currentContext(): Context {
  const context = contextOf(currentScope());
  if (context === null) throw notInitialised(null);
  return context;
}

/**
 * The client that a model's query runs on: the given one, else the running transaction of the model's connection, else what
 * routers say, else the connection, in the context of `orm.run` or the default one.
 */
export function resolveClient(key: object, using: UsingTarget | null | undefined, forWrite = false): Client {
  const client = findClient(key, using, forWrite);
  return detour === null ? client : detour(client);
}

/** Sends what asks for its client meanwhile, without waiting, to another one. */
export function detoured<T>(next: ((client: Client) => Client) | null, work: () => T): T {
  const before = detour;
  detour = next;
  try {
    return work();
  } finally {
    detour = before;
  }
}

let detour: ((client: Client) => Client) | null = null;

function findClient(key: object, using: UsingTarget | null | undefined, forWrite: boolean): Client {
  let scope: Scope | null | undefined;
  if (using === null || using === undefined) scope = store === null ? null : store.getStore();
  else if (using instanceof RequestScope) ({ scope } = using);
  else return forWrite ? writtenTo(resolveTarget(using)) : resolveTarget(using);
  const context = scope === null || scope === undefined ? defaultContext : contextOf(scope);
  if (context === null) throw notInitialised(key);
  const binding = context.bindings.get(key);
  if (binding === undefined) throw unknownModel(key, context);
  if (context.route !== null) return routed(key, binding, context, scope ?? null, forWrite);
  const client = binding.client ?? context.connections.fill(binding);
  return scope === null || scope === undefined ? client : (runningOn(client.connection, scope) ?? client);
}

/** The name of the connection that a model belongs to in the current context. */
export const homeOf = (key: object): string | null => currentContext().bindings.get(key)?.connectionName ?? null;

/**
 * The same where there are routers. What was written must be seen: a transaction on the connection that the model is written
 * to takes its reads too, and so does that connection itself in a scope that has written to it.
 */
function routed(key: object, binding: Binding, context: Context, scope: Scope | null, forWrite: boolean): Client {
  const clientFor = (write: boolean): Client =>
    context.connections.client(context.route!(modelOf(key), nameOf(key), write) ?? binding.connectionName);
  if (scope === null) return clientFor(forWrite);
  const primary = clientFor(true);
  const running = runningOn(primary.connection, scope);
  if (forWrite) return writtenTo(running ?? primary, scope);
  if (running !== null) return running;
  if (writingScope(scope).written?.has(primary.connection) === true) return primary;
  const client = clientFor(false);
  return runningOn(client.connection, scope) ?? client;
}

/** The scope that a target stands for: that of the calling code unless it is one itself. */
export const scopeOf = (using: UsingTarget | null | undefined): Scope | null =>
  using instanceof RequestScope ? using.scope : currentScope();

/** Remembers, where there are routers, that a scope writes there; gives the client back. */
export function writtenTo(client: Client, scope: Scope | null = currentScope()): Client {
  if (scope !== null && (contextOf(scope)?.route ?? null) !== null)
    (writingScope(scope).written ??= new Set()).add(client.connection);
  return client;
}

/** What remembers writes: the innermost `orm.run`, or where there is none all that the calling code runs in. */
function writingScope(scope: Scope): Scope {
  let each = scope;
  while (each.context === null && each.outer !== null) each = each.outer;
  return each;
}

/** The client that the user named. A name joins the running transaction of that connection; a handle is taken as it is. */
export function resolveTarget(using: UsingTarget, call = "{ connection }"): Client {
  if (typeof using === "string") {
    const client = currentContext().connections.client(using);
    return runningOn(client.connection, currentScope()) ?? client;
  }
  if (using instanceof Client) return using;
  if (using instanceof RequestScope) return soleClient(using.context, using.scope, call);
  throw new ParamsError(`a connection is its name, a connection or a transaction, not ${typeName(using)}`, {
    code: "using_target",
  });
}

/** The one connection that there is, or that routers write to, or its running transaction. `call`: how another one would be said. */
export function soleClient(context: Context, scope: Scope | null, call: string): Client {
  const { names } = context.connections;
  const [name, ...others] = names.length === 1 ? names : context.namesForWriting();
  if (name !== undefined && others.length === 0) {
    const client = context.connections.client(name);
    return runningOn(client.connection, scope) ?? client;
  }
  throw new ParamsError(
    names.length === 0
      ? "there is no connection for this unit of work"
      : "there are several connections, so a unit of work must say which one it is on",
    {
      code: "which_connection",
      hint: names.length === 0 ? "pass connections to init" : `${call}: ${names.join(", ")}`,
    },
  );
}

/** The innermost transaction on `connection` that the calling code runs in. A finished one counts: using it is the error to show. */
export function runningOn(connection: Connection, scope: Scope | null): Transaction | null {
  for (let each = scope; each !== null; each = each.outer) {
    if (each.transaction !== null && each.transaction.connection === connection) return each.transaction;
  }
  return null;
}

/** Does the calling code run inside this transaction, or inside the transaction of this session? */
export function isInside(holder: object): boolean {
  for (let scope = currentScope(); scope !== null; scope = scope.outer) {
    for (let each = scope.transaction; each !== null; each = each.parent) {
      if (each === holder || each.session === holder) return true;
    }
  }
  return false;
}

function contextOf(scope: Scope | null): Context | null {
  for (let each = scope; each !== null; each = each.outer) if (each.context !== null) return each.context;
  return defaultContext;
}

function notInitialised(key: object | null): TerrapinError {
  const subject = key === null ? "Terrapin is" : `${nameOf(key)} was used before Terrapin was`;
  return new ConfigurationError(key === null ? `${subject} not initialised` : `${subject} initialised`, {
    code: "not_initialised",
    hint: "await Terrapin.init({ connections: { default: … }, models: { … } })",
  });
}

function unknownModel(key: object, context: Context): TerrapinError {
  const known = Array.from(context.bindings.keys(), nameOf).join(", ");
  return new ConfigurationError(`${nameOf(key)} is not a model of this context`, {
    code: "not_registered",
    hint: known === "" ? "it has none: pass models to init" : `it has ${known}`,
  });
}

/** What routers are asked about. */
const modelOf = (key: object): object => (key as { model?: object }).model ?? key;

function nameOf(key: object): string {
  const { label, name } = key as { label?: unknown; name?: unknown };
  return typeof label === "string" ? label : typeof name === "string" && name !== "" ? name : "a model";
}
