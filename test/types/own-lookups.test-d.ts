// Lookups of one's own: what they take, and where they are.
import { fields, Model, Q, sqlLookup, withLookups } from "./support.js";
import { same } from "./models.js";

const divisibleBy = sqlLookup("{column} % {value} = 0", { takes: fields.int() });
const before = sqlLookup({ sqlite: "{column} < {value}", mysql: "{column} < {value}" });

export class Box extends Model.define({
  size: withLookups(fields.int({ null: true }), { divisible_by: divisibleBy, before }),
  label: withLookups(fields.text({ default: "" }), { before }),
}) {}
export class Lid extends Model.define({ box: fields.foreignKey<Box>("Box") }) {}

export async function asked() {
  const a = await Box.filter({ size__divisible_by: 3, size__gt: 1, label__before: "x" });
  same<(typeof a)[number]["size"], number | null>();
  await Box.exclude(Q.or(Q({ size__before: 3 }), Q({ label__icontains: "x" })));
  await Lid.filter({ box__size__divisible_by: 2 });
  await Box.create({});
  // @ts-expect-error it takes a number
  await Box.filter({ size__divisible_by: "3" });
  // @ts-expect-error it takes what the column does
  await Box.filter({ label__before: 3 });
  // @ts-expect-error only the size has it
  await Box.filter({ label__divisible_by: 3 });
  // @ts-expect-error nothing is called so
  await Box.filter({ size__sounds_like: 3 });
  // @ts-expect-error a lookup comes from sqlLookup
  withLookups(fields.int(), { x: "{column} = {value}" });
  // @ts-expect-error there is no such family
  sqlLookup({ oracle: "{column} = {value}" });
}
