import { ParamsError, TransactionManagementError, typeName, UnsupportedError } from "../base/errors.js";
import { inTransaction } from "../connection/atomic.js";
import { currentContext } from "../connection/context.js";
import type { ConnectionToken } from "../connection/registry.js";
import { abort, type Transaction } from "../connection/transaction.js";

/** What a sandbox stands around. */
export interface SandboxOptions {
  /** The names of its connections; default: all that the current context has. */
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
    checkOpen(tx);
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
  const { connections } = currentContext();
  const opened: { readonly tx: Transaction; readonly token: ConnectionToken }[] = [];
  const close = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const { tx, token } of opened.splice(0).reverse()) {
      try {
        if (connections.client(token.name) !== tx) throw notInOrder(token.name);
        connections.reset(token);
        checkOpen(tx);
      } catch (error) {
        errors.push(error);
      }
      await abort(tx);
    }
    if (errors.length > 0) throw errors[0];
  };
  try {
    for (const name of namesOf(options)) {
      const tx = await connections.get(name).begin();
      opened.push({ tx, token: connections.set(name, tx) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { transactions: opened.map(({ tx }) => tx), close, [Symbol.asyncDispose]: close };
}

/** The names, once it is known that each can keep a transaction open. */
function namesOf({ connections: given }: SandboxOptions): readonly string[] {
  const { connections } = currentContext();
  const names = given ?? connections.names;
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

function checkOpen(tx: Transaction): void {
  if (tx.isOpen) return;
  throw new TransactionManagementError(`the transaction of a sandbox on "${tx.connectionName}" was ended inside it`, {
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
