import { FieldError, ParamsError, typeName } from "../../base/errors.js";
import { Field } from "../../fields/field.js";
import type { BuildContext, Operand, Step, Walk } from "../../query/expression.js";
import type { JsonPath } from "../../sql/ast.js";
import type { JsonLengthFunction, JsonValueFunction } from "../../types/functions.js";
import { assigned, FLOAT, INTEGER } from "../arithmetic.js";
import { Expression } from "../expression.js";
import { argument } from "./argument.js";

const JSON_VALUE = Symbol("json value");

/** What stands at a path of a document, or how long the document is. */
class JsonPart extends Expression {
  constructor(
    readonly of: Expression,
    readonly path: string | null,
    readonly gives: Field | null,
  ) {
    super();
  }
  override get paths(): readonly string[] {
    return this.of.paths;
  }
  override get isAggregate(): boolean {
    return this.of.isAggregate;
  }
  walk(at: Step, walk: Walk): Step {
    const { gives, path } = this;
    const node = this.of.walk(at.step(JSON_VALUE).step(path), walk);
    // Keys that the text of a statement cannot hold are bound in its place.
    walk.values.push(path ?? "");
    return node.step(gives === null ? null : `${gives.kind} ${JSON.stringify([gives.type, gives.options])}`);
  }
  build(context: BuildContext): Operand {
    const { gives, path } = this;
    const { field, expr: item } = this.of.build(context);
    const slot = context.slot();
    if (field.lookups !== "json")
      throw new FieldError(`"${field.name || field.kind}" is no JSON document`, { code: "bad_value" });
    if (gives === null)
      return { field: INTEGER(), scale: 0, expr: { kind: "jsonValue", as: "length", item, path: [], slot } };
    const at = stepsOf(path!);
    if (gives.lookups === "text")
      return { field: gives, expr: { kind: "jsonValue", as: "text", item, path: at, slot } };
    const number: Operand = { field: FLOAT(), expr: { kind: "jsonValue", as: "number", item, path: at, slot } };
    return { field: gives, expr: assigned({ field: gives, expr: number.expr }, number, context.dialect) };
  }
}

const stepsOf = (path: string): JsonPath =>
  path.split("__").map((step) => (/^\d{1,9}$/.test(step) ? Number(step) : step));

const KINDS = ["char", "text", "smallInt", "int", "bigInt", "float", "decimal"];

/**
 * The text or number at a path of a document, null where there is none such: `JsonValue("facts", "size__cm", fields.float())`. Digits are
 * indexes of arrays.
 */
export const JsonValue: JsonValueFunction = ((of: unknown, path: unknown, gives: unknown): Expression => {
  if (typeof path !== "string" || !path.isWellFormed() || path.split("__").includes(""))
    throw new ParamsError(`JsonValue() takes a path into the document, not ${typeName(path)}`, { hint: '"size__cm"' });
  if (!(gives instanceof Field) || !KINDS.includes(gives.kind))
    throw new ParamsError("JsonValue() takes a field that says what it gives", {
      hint: "fields.text(), fields.float(), fields.int(), …",
    });
  return new JsonPart(argument(of, "JsonValue"), path, gives);
}) as unknown as JsonValueFunction;

/** How many elements an array has, or keys an object; 1 for everything else, null where there is no document. */
export const JsonLength: JsonLengthFunction = ((of: unknown): Expression =>
  new JsonPart(argument(of, "JsonLength"), null, null)) as unknown as JsonLengthFunction;
