import { readFileSync } from "node:fs";
import { fields, Model, Terrapin } from "terrapin";
import { describe, expect, test } from "vitest";

/** The names of the members that an interface of the public types promises. */
function membersOf(file: string, name: string): string[] {
  const text = readFileSync(`core/types/${file}.ts`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const start = text.search(new RegExp(`export interface ${name}\\b`));
  if (start < 0) throw new Error(`${file}.ts has no interface ${name}`);
  const body = text.slice(start, text.indexOf("\n}", start));
  const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??(?=[<(:])/gm)].map((match) => match[1]!);
  return [...new Set(names)];
}

/** The promised names that the thing does not have. */
const missing = (names: readonly string[], thing: object): string[] => names.filter((name) => !(name in thing));

class User extends Model.define({ name: fields.char({ maxLength: 20 }) }) {}

describe("the public types promise only what is there", () => {
  test.each([
    ["of model classes", "model", "ModelStatics", () => User],
    ["of instances", "instance", "Model", () => new User({ name: "a" })],
    ["of query sets", "queryset", "QuerySet", () => User.all()],
    ["of queries for one row", "queryset", "SingleQuerySet", () => User.all().first()],
    ["of raw queries", "queryset", "RawQuerySet", () => User.raw("select 1")],
  ])("members %s", (_name, file, name, make) => {
    const names = membersOf(file, name);
    expect(names.length).toBeGreaterThan(1);
    expect(missing(names, make())).toEqual([]);
  });

  test("methods of Terrapin are the functions of the same names", async () => {
    const entry = (await import("terrapin")) as unknown as Record<string, unknown>;
    const shared = ["init", "context", "generateSchemas", "schemaSql", "closeConnections", "runAsync", "initModels"];
    for (const name of shared) {
      expect(typeof (Terrapin as unknown as Record<string, unknown>)[name], name).toBe("function");
      expect(typeof entry[name], name).toBe("function");
    }
  });
});
