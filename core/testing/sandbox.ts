import { ParamsError, TransactionManagementError, typeName, UnsupportedError } from "../base/errors.js";
import { inTransaction } from "../connection/atomic.js";
import { currentContext } from "../connection/context.js";
import type { ConnectionToken } from "../connection/registry.js";
import { abort, type Transaction } from "../connection/transaction.js";

/** What a sandbox stands around. */
export interface SandboxOptions {
  /** The names of its connections; default: all that the current context has, or that its routers write to. */
  readonly connections?: readonly string[];
}

/** A sandbox that is open. `await using` closes it. */
export interface Sandbox extends AsyncDisposable {
  /** Of each connection its transaction, in the order of the connections. */
  readonly transactions: readonly Transaction[];
  /** Rolls everything back; the connections are themselves again. */
  close(): Promise<void>;
}

/** What ends a transaction that went well. */
const UNDO: unique symbol = Symbol("undo");

/**
 * Runs a function in a transaction on each connection and rolls them back, whatever becomes of it. Gives what the function
 * gives. Transactions inside are savepoints; sandboxes that run at the same time do not see each other.
 * @example
 * await sandbox(async () => {
 *   await User.create({ username: "ali" });
 *   await User.count(); // 1
 * });
 * await User.count(); // 0
 */
export async function sandbox<T>(
  work: (...transactions: Transaction[]) => T | PromiseLike<T>,
  options: SandboxOptions = {},
): Promise<T> {
  if (typeof work !== "function")
    throw new ParamsError(`sandbox takes a function, not ${typeName(work)}`, { hint: "sandbox(async () => { … })" });
  return inside(namesOf(options), [], work);
}

async function inside<T>(
  names: readonly string[],
  open: readonly Transaction[],
  work: (...transactions: Transaction[]) => T | PromiseLike<T>,
): Promise<T> {
  const [connection, ...others] = names;
  if (connection === undefined) return work(...open);
  let answer: { readonly result: T } | null = null;
  const body = async (tx: Transaction): Promise<never> => {
    answer = { result: await inside(others, [...open, tx], work) };
    if (!tx.isOpen) throw ended(tx);
    throw UNDO;
  };
  // inTransaction refuses a function that takes no transaction where nothing could carry one to it.
  const takesNone = work.length === 0 ? (...given: Transaction[]): Promise<never> => body(given[0]!) : body;
  try {
    await inTransaction(takesNone, { connection });
  } catch (error) {
    if (error !== UNDO) throw error;
  }
  return answer!.result;
}

/**
 * The same for the hooks of a test runner, between which a function cannot stand: until it is closed, the transactions take the
 * place of their connections in the current context. Several at the same time must be inside each other.
 * @example
 * await using box = await openSandbox();
 * await User.create({ username: "ali" });
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const context = currentContext();
  const { connections } = context;
  const names = namesOf(options);
  const transactions: Transaction[] = [];
  const places: { readonly tx: Transaction; readonly token: ConnectionToken }[] = [];
  const put = (name: string, tx: Transaction): void => void places.push({ tx, token: connections.set(name, tx) });
  const close = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const { tx, token } of places.splice(0).reverse()) {
      if (connections.client(token.name) === tx) connections.reset(token);
      else errors.push(notInOrder(token.name));
    }
    for (const tx of transactions.toReversed()) {
      if (!tx.isOpen) errors.push(ended(tx));
      await abort(tx);
    }
    transactions.length = 0;
    if (errors.length > 0) throw errors[0];
  };
  try {
    for (const name of names) {
      const tx = await connections.get(name).begin();
      transactions.push(tx);
      put(name, tx);
    }
    // Where everything is written to one connection, the others are copies of it to read from.
    const [only, ...more] = context.namesForWriting();
    if (only !== undefined && more.length === 0 && names.includes(only))
      for (const copy of connections.names) if (!names.includes(copy)) put(copy, transactions[names.indexOf(only)]!);
  } catch (error) {
    await close();
    throw error;
  }
  return { transactions: [...transactions], close, [Symbol.asyncDispose]: close };
}

/** The names, once it is known that each can keep a transaction open. */
function namesOf({ connections: given }: SandboxOptions): readonly string[] {
  const context = currentContext();
  const { connections } = context;
  const names = given ?? (context.route === null ? connections.names : context.namesForWriting());
  if (!Array.isArray(names) || names.length === 0)
    throw new ParamsError(
      names.length === 0 ? "a sandbox needs a connection" : "a sandbox takes a list of connections' names",
      { hint: `sandbox(work, { connections: ["default"] }); known: ${connections.names.join(", ")}` },
    );
  for (const name of names) {
    const { driver, dialect } = connections.client(name);
    if (driver.begin === undefined)
      throw new UnsupportedError(
        `a sandbox needs a transaction that stays open, which the connection "${name}" (${dialect.name}) has not`,
        { hint: "empty the tables between tests with truncateAllModels(), or give each test a testDatabase(…)" },
      );
  }
  return names;
}

function ended(tx: Transaction): TransactionManagementError {
  return new TransactionManagementError(`the transaction of a sandbox on "${tx.connectionName}" was ended inside it`, {
    code: "sandbox_ended",
    hint: "what was committed is kept: begin a transaction of your own inside, which is a savepoint",
  });
}

function notInOrder(name: string): TransactionManagementError {
  return new TransactionManagementError(
    `a sandbox on "${name}" was closed while another one that was opened later is open`,
    {
      code: "sandbox_order",
      hint: "close the last one first; for tests that run at the same time use sandbox(async () => { … })",
    },
  );
}
