import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Compiled } from "../sql/compile.js";
import type { Dialect } from "../sql/dialect.js";
import { compileGuard } from "../sql/guard.js";
import { keptFor } from "./kept.js";
import { planAt, type Planned } from "./plan.js";
import { buildExists } from "./select.js";
import { walkState } from "./shape.js";
import { highestKey } from "./write.js";

/** A statement that fails unless a query has rows; negated: unless it has none. `name`: the text of its error. */
export function planExistsGuard(
  state: QueryState,
  meta: Meta,
  dialect: Dialect,
  negated: boolean,
  name: string,
): Planned<Compiled> {
  const values: unknown[] = [];
  const node = walkState(state, keptFor(meta, dialect).root("guard").step(negated), meta, values);
  const at = values.push(name) - 1;
  const make = (): Compiled =>
    compileGuard({ kind: "exists", query: buildExists(state, meta, dialect), negated }, dialect, 0, at);
  return { plan: planAt(node, make), values };
}

/** A statement that fails unless the last write before it matched as many rows as its first value says; the second is its name. */
export const affectedGuard = (dialect: Dialect): Compiled => compileGuard({ kind: "affected" }, dialect, 0, 1);

/** A statement that fails unless the row inserted last has the highest key of its table. */
export function planKeyCheck(meta: Meta, dialect: Dialect): Compiled {
  const node = keptFor(meta, dialect).root("keyCheck");
  return planAt(node, () => compileGuard({ kind: "highestKey", query: highestKey(meta) }, dialect, 0, 0));
}
