import { describeModels, fields, Model, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect } from "../../../drivers/sqlite/dialect.js";
import { loose } from "../../support/loose.js";
import { Author, Tag } from "../../support/models.js";

const stamp = (): Date => new Date();
class Paper extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true, description: "key" }),
    title: fields.char({ maxLength: 20, unique: true, column: "TITLE", default: "t" }),
    at: fields.datetime({ autoNowAdd: true }),
    seen: fields.datetime({ null: true, default: stamp }),
  },
  {
    table: "papers",
    description: "What was written",
    uniqueTogether: [["title", "at"]],
    indexes: [["at"], { fields: ["seen"], name: "seen_idx" }],
  },
) {}

await Terrapin.init({ connections: { default: mock({ dialect: sqliteDialect }) }, models: { Author, Tag, Paper } });

describe("describe()", () => {
  it("has the keys of the specification, in their order", () => {
    expect(Object.keys(Paper.describe())).toEqual([
      "name",
      "app",
      "table",
      "abstract",
      "description",
      "docstring",
      "unique_together",
      "indexes",
      "pk_field",
      "data_fields",
      "fk_fields",
      "backward_fk_fields",
      "o2o_fields",
      "backward_o2o_fields",
      "m2m_fields",
    ]);
  });

  it("tells the model and its fields as plain JSON", () => {
    const described = Paper.describe();
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(described).toMatchObject({
      name: "models.Paper",
      app: "models",
      table: "papers",
      abstract: false,
      description: "What was written",
      docstring: null,
      unique_together: [["title", "at"]],
      indexes: [["at"], { fields: ["seen"], name: "seen_idx" }],
      pk_field: {
        name: "id",
        field_type: "BigIntField",
        db_column: "id",
        generated: true,
        nullable: false,
        unique: true,
        indexed: true,
        default: null,
        description: "key",
        constraints: { ge: 1 },
      },
      fk_fields: [],
      backward_fk_fields: [],
      o2o_fields: [],
      backward_o2o_fields: [],
      m2m_fields: [],
    });
    expect(described.data_fields).toEqual([
      expect.objectContaining({
        name: "title",
        field_type: "CharField",
        db_column: "TITLE",
        unique: true,
        default: "t",
        constraints: { max_length: 20 },
      }),
      expect.objectContaining({
        name: "at",
        field_type: "DatetimeField",
        auto_now_add: true,
        auto_now: false,
        constraints: { readOnly: true },
      }),
      expect.objectContaining({ name: "seen", nullable: true, default: expect.stringContaining("stamp") }),
    ]);
  });

  it("gives functions and classes as they are when it need not be JSON", () => {
    const described = loose(Paper.describe({ serializable: false }));
    expect(described.data_fields[2].default).toBe(stamp);
    expect(described.pk_field.field_type).toBeTypeOf("function");
  });

  it("of a model that nobody registered says so", () => {
    class Stranger extends Model.define({ a: fields.int() }) {}
    expect(() => Stranger.describe()).toThrow(
      expect.objectContaining({ name: "ConfigurationError", code: "not_registered" }),
    );
  });

  it("cannot be used to change the model", () => {
    const described = loose(Paper.describe());
    try {
      described.unique_together.push(["x"]);
      described.data_fields.pop();
    } catch {
      // A frozen answer is as good.
    }
    expect(Paper.describe().unique_together).toEqual([["title", "at"]]);
    expect(Paper.describe().data_fields.length).toBe(3);
  });
});

describe("describeModels()", () => {
  it("gives all models of the context by their labels", () => {
    expect(Object.keys(describeModels())).toEqual(["models.Author", "models.Tag", "models.Paper"]);
    expect(describeModels()["models.Paper"]).toEqual(Paper.describe());
  });

  it("gives those that are asked for", () => {
    expect(Object.keys(describeModels([Tag]))).toEqual(["models.Tag"]);
    expect(describeModels([])).toEqual({});
  });
});
