// Functions of numbers, times and documents: what they give, and what they take.
import { Cast, Ceil, Extract, Floor, JsonLength, JsonValue, Now, Round, Trunc, fields, Model } from "./support.js";
import { same } from "./models.js";

export class Sample extends Model.define({
  price: fields.decimal({ maxDigits: 8, decimalPlaces: 2 }),
  size: fields.float({ null: true }),
  name: fields.text(),
  at: fields.datetime(),
  on: fields.date({ null: true }),
  facts: fields.json<{ cm: number }>(),
}) {}

export async function called() {
  const [row] = await Sample.annotate({
    a: Round("price", 1),
    b: Floor("size"),
    c: Ceil("price"),
    d: Cast("name", fields.int()),
    e: Cast("size", fields.decimal({ maxDigits: 8, decimalPlaces: 2 })),
    f: Extract("at", "hour"),
    g: Trunc("on", "month"),
    h: Now(),
    i: JsonValue("facts", "cm", fields.float()),
    j: JsonLength("facts"),
  })
    .filter({ a__gt: 1, b__lt: 3, d__in: [1], f__gte: 8, g__year: 2024, h__gt: new Date(), i__lt: 2.5, j: 1 })
    .values("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
  same<
    typeof row,
    | {
        a: string;
        b: number | null;
        c: number;
        d: number;
        e: string | null;
        f: number;
        g: string | null;
        h: Date;
        i: number | null;
        j: number;
      }
    | undefined
  >();
  await Sample.filter({ at__lt: Now() }).update({ at: Now() });
  // @ts-expect-error a text is no number
  Sample.annotate({ x: Floor("name") });
  // @ts-expect-error there is no such part
  Extract("at", "century");
  // @ts-expect-error hours are no span of days
  Trunc("at", "hour");
  // @ts-expect-error there is no such field
  Sample.annotate({ x: Trunc("nope", "day") });
  // @ts-expect-error what it gives is a field
  Cast("name", "int");
}
