import type { Operand } from "../../query/expression.js";
import type {
  AbsFunction,
  RoundFunction,
  WholeFunction,
  CoalesceFunction,
  NullIfFunction,
  RandomFunction,
} from "../../types/functions.js";
import type { Expr } from "../../sql/ast.js";
import { ParamsError } from "../../base/errors.js";
import { FLOAT, roundedTo, wholeNumber } from "../arithmetic.js";
import type { Expression } from "../expression.js";
import { argument } from "./argument.js";
import { Derived } from "./derived.js";
import { defined, type FunctionRule } from "./function.js";

/** What the first argument is. */
const same: FunctionRule["gives"] = ([first]) => first as Operand;

/** The first argument that is not null. */
export const Coalesce: CoalesceFunction = /* @__PURE__ */ defined("COALESCE", "Coalesce", {
  gives: same,
  alike: "Coalesce",
});
/** Null where both are equal, otherwise the first. */
export const NullIf: NullIfFunction = /* @__PURE__ */ defined(
  "NULLIF",
  "NullIf",
  {
    gives: same,
    alike: "NullIf",
  },
  2,
);
/** Without its sign. */
export const Abs: AbsFunction = /* @__PURE__ */ defined("ABS", "Abs", { gives: same });
const ROUND = Symbol("round");

/** With fewer decimal places, half away from zero: `Round("price", 1)`; none where nothing is said. Decimals stay decimals. */
export const Round: RoundFunction = ((of: unknown, places = 0): Expression => {
  if (!Number.isInteger(places) || places < 0 || places > 15)
    throw new ParamsError("Round() takes a number of decimal places from 0 to 15");
  return new Derived(argument(of, "Round"), [ROUND, places], (given, { dialect }) => roundedTo(given, places, dialect));
}) as unknown as RoundFunction;

const toward = (name: "FLOOR" | "CEIL", call: string): WholeFunction =>
  ((of: unknown): Expression =>
    new Derived(argument(of, call), [name], (given, { dialect }) =>
      wholeNumber(name, given, dialect),
    )) as unknown as WholeFunction;

/** The whole number that is not greater. */
export const Floor: WholeFunction = /* @__PURE__ */ toward("FLOOR", "Floor");
/** The whole number that is not less. */
export const Ceil: WholeFunction = /* @__PURE__ */ toward("CEIL", "Ceil");
/** Another number for every row: from 0 up to 1. */
export const Random: RandomFunction = /* @__PURE__ */ defined(
  "RANDOM",
  "Random",
  {
    gives: FLOAT,
    build(_, { dialect }) {
      const random: Expr = { kind: "call", name: dialect.randomFunction, args: [] };
      if (dialect.randomIs === "fraction") return random;
      // As many different ones as a float can tell apart.
      const steps: Expr = { kind: "literal", value: 2n ** 53n };
      const step: Expr = { kind: "arithmetic", op: "%", left: random, right: steps };
      const positive: Expr = { kind: "call", name: "ABS", args: [step] };
      return { kind: "arithmetic", op: "/", left: { kind: "cast", item: positive, to: "real" }, right: steps };
    },
  },
  0,
);
