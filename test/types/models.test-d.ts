// What a model's attributes are, and what a definition may not say.
import { fields, Index, Model } from "./support.js";
import {
  alike,
  type Country,
  type Item,
  type Legacy,
  type Level,
  Order,
  type OrderStatus,
  same,
  type Session,
  type Tag,
  type Timestamped,
  User,
} from "./models.js";

type Attributes<I, K extends keyof I> = { [N in K]: I[N] };

// ---- attributes -----------------------------------------------------------------------------------------------
alike<
  Attributes<User, "id" | "pk" | "username" | "nick" | "age" | "rank" | "isActive" | "level" | "size" | "settings">,
  {
    id: number;
    pk: number;
    username: string;
    nick: string | null;
    age: number;
    rank: number | null;
    isActive: boolean;
    level: Level;
    size: "s" | "m" | "l" | null;
    settings: { theme: string; tags: string[] };
  }
>();
alike<
  Attributes<
    Order,
    | "total"
    | "weight"
    | "status"
    | "colour"
    | "serial"
    | "ratio"
    | "day"
    | "at"
    | "exactly"
    | "took"
    | "file"
    | "extra"
    | "createdAt"
  >,
  {
    total: string;
    weight: number | null;
    status: OrderStatus;
    colour: "red" | "blue" | null;
    serial: bigint | null;
    ratio: number | null;
    day: string | null;
    at: string | null;
    exactly: string | null;
    took: number | null;
    file: Uint8Array | null;
    extra: unknown;
    createdAt: Date;
  }
>();
declare const session: Session;
declare const country: Country;
declare const tag: Tag;
declare const legacy: Legacy;
declare const order: Order;
same<typeof session.pk, string>();
same<typeof country.pk, number>();
same<typeof legacy.pk, string>();
same<typeof legacy.id, number>();

// ---- the key that nobody defined --------------------------------------------------------------------------------
same<typeof tag.id, number>();
same<typeof tag.pk, number>();
same<typeof order.id, number>();
same<typeof order.pk, number>();
declare const stamped: Timestamped;
// @ts-expect-error an abstract model has no key of its own
stamped.id;
// @ts-expect-error nor has a model whose key is another
session.id;
class Plain extends Model.define({ name: fields.text() }, { table: "plain" }) {}
same<Plain["id"], number>();
class Child extends Plain.define({ more: fields.int() }) {}
same<Child["id"], number>();
same<Child["more"], number>();

// ---- inheritance -----------------------------------------------------------------------------------------------
order.year().toFixed();
const recent = Order.recent();
alike<typeof recent, typeof Order>();
class Deep extends Order.define(
  { last: fields.text() },
  { ordering: ["createdAt", "-last", "pk"], indexes: [["total", "last"]] },
) {}
declare const deep: Deep;
deep.createdAt.getTime();
deep.last.trim();
const up: Order = deep;
up.total;
// @ts-expect-error unknown name in ordering
class Bad extends Order.define({ last: fields.text() }, { ordering: ["lst"] }) {}

// ---- options that are not there, or not of this kind --------------------------------------------------------------
// @ts-expect-error no such option
fields.int({ foo: 1 });
// @ts-expect-error no such option beside a right one
fields.int({ default: 0, foo: 1 });
// @ts-expect-error maxLength is for char
fields.text({ maxLength: 3 });
// @ts-expect-error a char needs its length
fields.char();
// @ts-expect-error a char needs its length
fields.char({ unique: true });
// @ts-expect-error blank is for text
fields.int({ blank: true });
// @ts-expect-error a decimal needs its places
fields.decimal({ maxDigits: 3 });
// @ts-expect-error a decimal needs its places
fields.decimal();
// @ts-expect-error the default is of another type
fields.int({ default: "x" });
// @ts-expect-error no such precision
fields.datetime({ precision: 4 });
// @ts-expect-error no such mode
fields.bigInt({ mode: "string" });
// @ts-expect-error not a member
fields.charEnum(["a", "b"], { default: "c" });
// @ts-expect-error not a member
fields.intEnum([1, 2], { default: 3 });
// @ts-expect-error texts are not integers
fields.intEnum(["a"]);
// @ts-expect-error no such option of a document
fields.json<number>({ blank: true });
// @ts-expect-error a document of another type
fields.json<number>({ default: "x" });
fields.char({ maxLength: 3, default: async () => "x" });
fields.uuid({ default: () => "x" });
fields.int({ dbDefault: 3 });
fields.intEnum({ One: 1, Two: 2 } as const, { default: 1 });
fields.charEnum(["a", "b"], { default: "a", maxLength: 9 });
fields.int({
  validators: [
    (value) => {
      if (value % 2 === 1) throw new Error("odd");
    },
  ],
});

// ---- meta ------------------------------------------------------------------------------------------------------
// @ts-expect-error no such option
Model.define({ name: fields.text() }, { tabel: "x" });
// @ts-expect-error unknown name in an index
Model.define({ name: fields.text() }, { indexes: [["nam"]] });
// @ts-expect-error unknown name in an Index
Model.define({ name: fields.text() }, { indexes: [Index({ fields: ["nam"] })] });
// @ts-expect-error unknown name that must be unique
Model.define({ name: fields.text() }, { uniqueTogether: [["nam"]] });
// @ts-expect-error not a naming
Model.define({ name: fields.text() }, { naming: "camel" });
// @ts-expect-error not a field
Model.define({ name: "text" });
Model.define(
  { name: fields.text() },
  { manager: User.adults, app: "shop", schema: "s", description: "d", defaultConnection: "other" },
);
Model.define({ name: fields.text(), age: fields.int() }, { uniqueTogether: ["name", "age"] });
same<ReturnType<typeof Item.describe>["docstring"], null>();
