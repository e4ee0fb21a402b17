import { runCase, type ConformanceCase, type ConformanceOptions, type OpenDriver } from "./case.js";
import { errors } from "./errors.js";
import { expressions } from "./expressions.js";
import { limits } from "./limits.js";
import { loading } from "./loading.js";
import { functions } from "./functions.js";
import { lookups } from "./lookups.js";
import { named } from "./named.js";
import { relations } from "./relations.js";
import { schema } from "./schema.js";
import { select } from "./select.js";
import { transactions } from "./transactions.js";
import { values } from "./values.js";
import { write } from "./write.js";
import { bulk } from "./bulk.js";
import { batches } from "./batch.js";

/**
 * What a test runner must lend: vitest, `node:test`, `bun:test`, Jest and Mocha have these two. A skipped case says why where the
 * runner can skip a test that runs already, by its first argument or by `this`; elsewhere it counts as passed.
 */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** One case that is ready to run. */
export interface ReadyCase {
  readonly name: string;
  /** Rejects when the driver does not do it; gives the reason when the case was skipped, else null. */
  readonly run: () => Promise<string | null>;
}

/** The cases about one thing. */
export interface ConformanceGroup {
  readonly name: string;
  readonly cases: readonly ReadyCase[];
}

/** The cases by what they are about. */
const GROUPS: readonly (readonly [name: string, cases: readonly ConformanceCase[]])[] = [
  ["lookups", lookups],
  ["select", select],
  ["write", write],
  ["bulk", bulk],
  ["values", values],
  ["relations", [...relations, ...loading]],
  ["expressions", [...expressions, ...functions, ...named]],
  ["transactions", transactions],
  ["batch", batches],
  ["limits", limits],
  ["schema", schema],
  ["errors", errors],
];

/**
 * The suite that every driver must pass. Cases run one after another: each is given a driver by `open`, makes its
 * tables anew, and closes the driver. A case whose needs the driver does not meet is skipped, and says why.
 * Without a runner nothing is registered: run the cases yourself.
 * @example
 * conformance(() => sqlite(":memory:"), { runner: { describe, it } });
 * @example
 * for (const { cases } of conformance(() => sqlite(":memory:"))) for (const one of cases) await one.run();
 */
export function conformance(
  open: OpenDriver,
  options: ConformanceOptions & { readonly runner?: TestRunner } = {},
): ConformanceGroup[] {
  const groups = GROUPS.map(
    ([name, cases]): ConformanceGroup => ({
      name,
      cases: cases.map((one): ReadyCase => ({ name: one.name, run: () => runCase(one, open, options) })),
    }),
  );
  const { runner } = options;
  if (runner !== undefined) for (const group of groups) register(group, runner);
  return groups;
}

function register({ name, cases }: ConformanceGroup, { describe, it }: TestRunner): void {
  describe(name, () => {
    for (const one of cases) it(one.name, bodyOf(one));
  });
}

interface Skipping {
  skip?(reason: string): unknown;
}

/** A function without parameters: runners read their number, and their names, as wishes. */
function bodyOf({ run }: ReadyCase): () => Promise<void> {
  return async function body(this: Skipping | undefined): Promise<void> {
    // oxlint-disable-next-line prefer-rest-params -- a rest parameter is one, too
    const [context] = arguments as unknown as [(Skipping | undefined)?];
    const reason = await run();
    if (reason === null) return;
    const by = [context, this].find((each) => typeof each?.skip === "function");
    by?.skip!(reason);
  };
}
