import type { Field } from "../../fields/field.js";
import { TextField } from "../../fields/text.js";
import type { Expr } from "../../sql/ast.js";
import type {
  ConcatFunction,
  LengthFunction,
  ReplaceFunction,
  SubstrFunction,
  TextFunction,
} from "../../types/functions.js";
import { INTEGER } from "../arithmetic.js";
import { defined } from "./function.js";

const TEXT = (): Field => new TextField();

/** In small letters: ASCII ones on SQLite, all where the database can. */
export const Lower: TextFunction = /* @__PURE__ */ defined("LOWER", "Lower", { gives: TEXT });
/** In capital letters, alike. */
export const Upper: TextFunction = /* @__PURE__ */ defined("UPPER", "Upper", { gives: TEXT });
/** Without spaces at both ends. */
export const Trim: TextFunction = /* @__PURE__ */ defined("TRIM", "Trim", { gives: TEXT });
/** How many characters it has. */
export const Length: LengthFunction = /* @__PURE__ */ defined("LENGTH", "Length", {
  gives: INTEGER,
  build: ([text], { dialect }) => ({ kind: "call", name: dialect.lengthFunction, args: [text!] }),
});
/** Texts one after another; null where one of them is null. */
export const Concat: ConcatFunction = /* @__PURE__ */ defined("CONCAT", "Concat", {
  gives: TEXT,
  build: (args) => ({ kind: "concat", items: args as readonly Expr[] }),
});
/** Part of a text, counted from 1. */
export const Substr: SubstrFunction = /* @__PURE__ */ defined("SUBSTR", "Substr", { gives: TEXT }, 2);
/** A text with every occurrence of another replaced. */
export const Replace: ReplaceFunction = /* @__PURE__ */ defined("REPLACE", "Replace", { gives: TEXT }, 3);
