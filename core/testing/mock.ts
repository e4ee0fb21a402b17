import { OperationalError, TerrapinError } from "../base/errors.js";
import type { Driver, Limits, MaybePromise, Result, Runner, Session, Statement } from "../connection/driver.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";

/** What the mock driver answers: a part of a result, an error to throw, or a function that makes either. */
export type MockAnswer = Partial<Result> | Error | ((statement: Statement) => Partial<Result> | Error);

/** What a mock driver can do. */
export interface MockOptions {
  readonly dialect: Dialect;
  /** Answers in the order of the statements; after the last one every answer is empty. */
  readonly answers?: readonly MockAnswer[];
  readonly limits?: Partial<Limits>;
  /** Answers with promises, as a driver over a network does; default: false. */
  readonly async?: boolean;
  /** Optional methods to leave out, to see what happens without them. */
  readonly without?: readonly ("batch" | "begin" | "stream" | "script")[];
}

/** A driver without a database: it records what it is asked and answers from a script. */
export interface MockDriver extends Driver {
  /** Every statement in order; transactions appear as BEGIN, SAVEPOINT, COMMIT, RELEASE, ROLLBACK. */
  readonly statements: Statement[];
  /** How many times something was sent; a batch is one. */
  readonly roundTrips: number;
  readonly closed: boolean;
  /** Gives statements that contain a text, or match, this answer, before the script is asked. */
  answer(to: string | RegExp, answer: MockAnswer): void;
  /** Forgets what was recorded. */
  clear(): void;
}

/**
 * A driver that needs no database, for tests of what is asked of one.
 * @example
 * const driver = mock({ dialect, answers: [{ rows: [[1, "ali"]] }] });
 * const db = new Connection("default", driver);
 * await db.executeQuery("SELECT 1");
 * driver.statements; // [{ sql: "SELECT 1", params: [] }]
 */
export function mock({ dialect, answers = [], limits = {}, async = false, without = [] }: MockOptions): MockDriver {
  const statements: Statement[] = [];
  const script = [...answers];
  const rules: { readonly to: string | RegExp; readonly answer: MockAnswer }[] = [];
  let roundTrips = 0;
  let closed = false;

  const soon = <T>(work: () => T): MaybePromise<T> => {
    roundTrips++;
    return async ? Promise.resolve().then(work) : work();
  };
  const ask = (statement: Statement, named: boolean): Result => {
    statements.push(statement);
    const rule = rules.find(({ to }) => (typeof to === "string" ? statement.sql.includes(to) : to.test(statement.sql)));
    const found = rule?.answer ?? script.shift() ?? {};
    const answer = typeof found === "function" ? found(statement) : found;
    if (answer instanceof Error) throw answer;
    const { rows = [], affected = 0, insertId = null, columns } = answer;
    return named || columns !== undefined
      ? { rows, affected, insertId, columns: columns ?? [] }
      : { rows, affected, insertId };
  };
  const note = (sql: string): MaybePromise<void> =>
    soon(() => {
      const rule = rules.find(({ to }) => (typeof to === "string" ? to === sql : to.test(sql)));
      statements.push({ sql, params: [] });
      const answer = typeof rule?.answer === "function" ? rule.answer({ sql, params: [] }) : rule?.answer;
      if (answer instanceof Error) throw answer;
    });
  const runner: Runner = {
    run: (sql: string, params: readonly SqlValue[], named = false) => soon(() => ask({ sql, params }, named)),
    batch: (items) => soon(() => items.map((item) => ask(item, item.named === true))),
    stream: (sql, params) => {
      try {
        return ask({ sql, params }, false).rows;
      } catch (error) {
        throw driver.toError(error, sql);
      }
    },
    script: (sql) => soon(() => void ask({ sql, params: [] }, false)),
  };
  const session = (depth: number): Session => ({
    ...runner,
    commit: () => note(depth === 0 ? "COMMIT" : `RELEASE s${depth}`),
    rollback: () => note(depth === 0 ? "ROLLBACK" : `ROLLBACK TO s${depth}`),
    begin: () => {
      const done = note(`SAVEPOINT s${depth + 1}`);
      return done instanceof Promise ? done.then(() => session(depth + 1)) : session(depth + 1);
    },
  });
  const driver: MockDriver = {
    ...runner,
    dialect,
    limits: {
      maxParams: Infinity,
      maxSqlBytes: Infinity,
      maxColumns: Infinity,
      maxCompoundTerms: Infinity,
      maxDepth: Infinity,
      maxLikeBytes: Infinity,
      maxStatementsPerRequest: Infinity,
      ...limits,
    },
    statements,
    get roundTrips() {
      return roundTrips;
    },
    get closed() {
      return closed;
    },
    answer: (to, answer) => void rules.unshift({ to, answer }),
    clear: () => {
      statements.length = 0;
      roundTrips = 0;
    },
    begin: ({ isolation }) => {
      const done = note(isolation === undefined ? "BEGIN" : `BEGIN ${isolation}`);
      return done instanceof Promise ? done.then(() => session(0)) : session(0);
    },
    close: () => {
      closed = true;
    },
    toError: (error, sql) =>
      error instanceof TerrapinError ? error : new OperationalError((error as Error).message, { sql, cause: error }),
    label: "mock",
  };
  for (const name of without) Reflect.deleteProperty(driver, name);
  return driver;
}
