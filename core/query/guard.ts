import { ParamsError, typeName } from "../base/errors.js";
import type { GuardFactory } from "../types/batch.js";
import { QueryState } from "./state.js";

/** What must hold for a batch to be kept. */
export class GuardNode {
  constructor(
    readonly holds: GuardCondition,
    /** what the user called it; null: nothing */
    readonly label: string | null,
  ) {}

  /** How errors call it. */
  get name(): string {
    if (this.label !== null) return this.label;
    return this.holds.kind === "affected" ? `affected(${this.holds.count})` : this.holds.kind;
  }
}

/** `affected`: so many rows were matched by the write before it. */
export type GuardCondition =
  | { readonly kind: "affected"; readonly count: number }
  | { readonly kind: "exists" | "absent"; readonly state: QueryState };

interface Options {
  readonly name?: unknown;
}

function labelOf(options: Options, call: string): string | null {
  for (const name in options)
    if (name !== "name") throw new ParamsError(`${call} has no option "${name}"`, { hint: "known: name" });
  const { name } = options;
  if (name === undefined) return null;
  if (typeof name !== "string" || name === "") throw new ParamsError(`${call}: a name is text, not ${typeName(name)}`);
  return name;
}

const ofRows =
  (kind: "exists" | "absent") =>
  (querySet: { readonly state?: unknown } | null | undefined, options: Options = {}): GuardNode => {
    const state = querySet?.state;
    if (!(state instanceof QueryState))
      throw new ParamsError(`guard.${kind}() takes a query set, not ${typeName(querySet)}`, {
        hint: `guard.${kind}(Order.filter({ … }))`,
      });
    return new GuardNode({ kind, state }, labelOf(options, `guard.${kind}()`));
  };

/**
 * What must hold for a batch to be kept: a guard that does not hold undoes all of it, and the batch fails with a `GuardError`
 * that has the guard's name.
 * @example
 * await batch([
 *   Order.filter({ id: 7, status: "open" }).update({ status: "paid" }),
 *   guard.affected(1, { name: "the order is open" }),
 *   guard.exists(User.filter({ id: 1, isActive: true })),
 *   guard.absent(Order.filter({ user: 1, status: "disputed" })),
 * ]);
 */
export const guard: GuardFactory = {
  affected(count: number, options: Options = {}): GuardNode {
    if (!Number.isSafeInteger(count) || count < 0)
      throw new ParamsError("guard.affected() takes a whole number of rows from 0", { hint: "guard.affected(1)" });
    return new GuardNode({ kind: "affected", count }, labelOf(options, "guard.affected()"));
  },
  exists: ofRows("exists"),
  absent: ofRows("absent"),
} as unknown as GuardFactory;
