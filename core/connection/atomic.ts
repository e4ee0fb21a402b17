import { ConfigurationError, ParamsError, typeName } from "../base/errors.js";
import type { Client } from "./client.js";
import {
  asyncStore,
  currentContext,
  currentScope,
  resolveTarget,
  scopeOf,
  soleClient,
  writtenTo,
  type UsingTarget,
} from "./context.js";
import type { Isolation, Origin } from "./driver.js";
import { captureOrigin } from "./fifo.js";
import { isTransient, retried, retryOf, type RetryOptions } from "./retry.js";
import { abort, type Transaction } from "./transaction.js";

/** How to run a function in a transaction. */
export interface TransactionOptions {
  /** A connection's name, a connection, or a transaction to nest in; needed when there are several connections. */
  readonly connection?: UsingTarget;
  /** Of the outermost transaction only; default: the database's own. */
  readonly isolation?: Isolation;
  /**
   * How many times the whole function runs again when the database undid it for what may not happen again: a deadlock, a
   * lock that took too long, a lost connection. Instances have got back what they held before. A savepoint cannot be
   * repeated alone, so inside another transaction this says nothing. Default: 0.
   */
  readonly retry?: number | RetryOptions;
  /** Ends the wait for a connection and the statement that runs, where the driver can; then it rolls back and throws the reason. */
  readonly signal?: AbortSignal;
}

/** What a function in a transaction may give back: a value, a promise, or a query set that then runs inside. */
type Work<T> = (tx: Transaction) => T | PromiseLike<T>;

/**
 * Runs a function in a transaction: committed when it returns, rolled back when it throws. Inside a running transaction
 * it becomes a savepoint, whose end leaves the outer one alone.
 * @example
 * await inTransaction(async (tx) => {
 *   const user = await User.create({ username: "ali" });           // finds the transaction by itself
 *   await tx.use(Profile).create({ bio: "" });                        // or is told
 * });                                                               // BEGIN IMMEDIATE … COMMIT
 */
export function inTransaction<T>(work: Work<T>, options: TransactionOptions = {}): Promise<T> {
  if (typeof work !== "function")
    throw new ParamsError(`inTransaction takes a function, not ${typeName(work)}`, {
      hint: "inTransaction(async (tx) => { … })",
    });
  if (work.length === 0) needAsyncContext("inTransaction(async (tx) => …) and tx.use(Model)");
  return runIn(work, options, captureOrigin(inTransaction));
}

/** A function or method that runs in a transaction whenever it is called. */
type AnyFunction = (...args: never[]) => unknown;
type Atomic<F extends AnyFunction> = (
  this: ThisParameterType<F>,
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;
/** What `@atomic()` puts in the place of a method. */
export type AtomicDecorator = <F extends (...args: never[]) => Promise<unknown>>(
  method: F,
  context: ClassMethodDecoratorContext,
) => F;

/**
 * Makes a function run in a transaction at every call: `atomic(fn)` as a wrapper, `@atomic()` on a method.
 * @example
 * const transfer = atomic(async (from: number, to: number) => { … });
 * class Bank { @atomic() async transfer(from: number, to: number) { … } }
 */
export function atomic(options?: TransactionOptions): AtomicDecorator;
export function atomic<F extends AnyFunction>(
  work: F,
  options?: TransactionOptions | ClassMethodDecoratorContext,
): Atomic<F>;
export function atomic(
  first?: AnyFunction | TransactionOptions,
  second?: TransactionOptions | ClassMethodDecoratorContext,
): unknown {
  if (typeof first !== "function") return (method: AnyFunction) => wrapped(method, first ?? {});
  // Written without parentheses, `@atomic`, the second argument is the decorator's context.
  return wrapped(first, second === undefined || "kind" in second ? {} : second);
}

function wrapped(work: AnyFunction, options: TransactionOptions): AnyFunction {
  const atomically = function (this: unknown, ...args: never[]): Promise<unknown> {
    needAsyncContext("inTransaction(async (tx) => …) and pass tx on");
    return runIn(() => work.apply(this, args), options, captureOrigin(atomically));
  };
  return Object.defineProperty(atomically, "name", { value: work.name, configurable: true });
}

async function runIn<T>(work: Work<T>, options: TransactionOptions, origin: Origin): Promise<T> {
  checkNames(options);
  const retry = retryOf(options.retry, "inTransaction(fn, { retry: 3 })");
  const client = writtenTo(
    clientFor(options.connection, "inTransaction(…, { connection })"),
    scopeOf(options.connection),
  );
  const once = (): Promise<T> => runOnce(work, client, options, origin);
  return client.isTransaction ? once() : retried(once, retry, isTransient, options.signal);
}

async function runOnce<T>(
  work: Work<T>,
  client: Client,
  { isolation, signal }: TransactionOptions,
  origin: Origin,
): Promise<T> {
  signal?.throwIfAborted();
  const tx = await client.beginNow(
    { ...(isolation === undefined ? {} : { isolation }), ...(signal === undefined ? {} : { signal }) },
    origin,
  );
  try {
    const store = asyncStore();
    // A query set that the function returns must run inside too, so it is awaited there.
    const body = async (): Promise<T> => await work(tx);
    const result =
      store === null ? await body() : await store.run({ context: null, transaction: tx, outer: currentScope() }, body);
    signal?.throwIfAborted();
    if (tx.isOpen) await tx.finish(true);
    return result;
  } catch (error) {
    await abort(tx);
    // What the interrupted statement says is not why it was interrupted.
    signal?.throwIfAborted();
    throw error;
  }
}

const OPTIONS = ["connection", "isolation", "retry", "signal"];

function checkNames(options: TransactionOptions): void {
  for (const name in options) {
    if (!OPTIONS.includes(name))
      throw new ParamsError(`inTransaction has no option "${name}"`, {
        code: "unknown_option",
        hint: `known: ${OPTIONS.join(", ")}`,
      });
  }
}

/** Where a unit of work runs that says so, or does not. `call`: how it would be said. */
export function clientFor(connection: UsingTarget | undefined, call: string): Client {
  return connection === undefined
    ? soleClient(currentContext(), currentScope(), call)
    : resolveTarget(connection, call);
}

function needAsyncContext(instead: string): void {
  if (asyncStore() !== null) return;
  throw new ConfigurationError("nothing here can carry a transaction to the queries inside it", {
    code: "no_async_context",
    hint: `write ${instead}, or init({ asyncContext: asyncContext() }) with asyncContext from terrapin/async-context`,
  });
}
