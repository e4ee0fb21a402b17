import type { AbsFunction, CoalesceFunction, NullIfFunction, RandomFunction } from "../../types/functions.js";
import type { Expr } from "../../sql/ast.js";
import { FLOAT, type Operand } from "../arithmetic.js";
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
