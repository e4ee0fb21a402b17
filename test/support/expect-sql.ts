import { DoesNotExist, Terrapin, type Dialect, type SqlValue, type TerrapinContext } from "terrapin";
import { expect } from "vitest";
import { mock, type MockAnswer, type MockDriver } from "../../core/testing/mock.js";
import { literalText } from "../../core/sql/writer.js";
import { sqliteDialect } from "../../drivers/sqlite/dialect.js";

const DIALECTS = { sqlite: sqliteDialect } as const satisfies Readonly<Record<string, Dialect>>;

/** A statement's text and its parameters. */
export type Expected = readonly [sql: string, params: readonly SqlValue[]];

/** What each dialect must be sent: one statement, or several in order. */
export type ExpectedSql = { readonly [Name in keyof typeof DIALECTS]: Expected | readonly Expected[] };

/** A query is made anew for each dialect, because a write runs only once. */
export type ExpectSql = (make: () => PromiseLike<unknown>, expected: ExpectedSql) => Promise<void>;

/** A context on a driver that records; `answers` are given in order. */
export async function recording(
  models: object,
  answers: readonly MockAnswer[] = [],
  dialect: Dialect = sqliteDialect,
): Promise<{ readonly driver: MockDriver; readonly run: typeof TerrapinContext.prototype.run }> {
  const driver = mock({ dialect, answers });
  const context = await Terrapin.context({ connections: { default: driver }, models: models as Record<string, never> });
  return { driver, run: (work) => context.run(work) };
}

/**
 * Gives `expectSql` for some models: runs a query on a recording driver per dialect, and compares what was sent. Where the
 * query can show its SQL, that must be the same text with the values in it.
 */
export async function expectSqlOf(models: object): Promise<ExpectSql> {
  const targets = await Promise.all(
    Object.entries(DIALECTS).map(async ([name, dialect]) => ({
      name: name as keyof typeof DIALECTS,
      ...(await recording(models, [], dialect)),
    })),
  );
  return async (make, expected) => {
    for (const { name, driver, run } of targets) {
      driver.clear();
      await run(async () => {
        const query = make() as PromiseLike<unknown> & { sql?: () => string };
        await query.then(undefined, (error: unknown) => {
          if (!(error instanceof DoesNotExist)) throw error;
        });
        const sent = driver.statements.map(({ sql, params }) => [sql, params]);
        const wanted = typeof expected[name][0] === "string" ? [expected[name]] : expected[name];
        expect(sent).toEqual(wanted);
        if (query.sql !== undefined)
          expect(query.sql()).toBe(
            sent.map(([sql, params]) => inlined(sql as string, params as SqlValue[])).join(";\n"),
          );
      });
    }
  };
}

/** The text with its parameters as literals. */
function inlined(sql: string, params: readonly SqlValue[]): string {
  let next = 0;
  return sql.replace(/\?/g, () => literalText(params[next++]!));
}
