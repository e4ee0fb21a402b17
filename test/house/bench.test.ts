import { describe, expect, it } from "vitest";
import { chosenOn } from "../../bench/contenders/index.js";

describe("who takes part in a benchmark", () => {
  it("is everybody that the storage has, without the heavy ones, who come when asked for", () => {
    expect(chosenOn("memory", [])).toEqual([
      "raw",
      "terrapin",
      "drizzle",
      "drizzle prepared",
      "drizzle sync",
      "kysely",
    ]);
    expect(chosenOn("mariadb", [])).toEqual(["raw", "terrapin", "drizzle", "kysely"]);
    expect(chosenOn("mariadb", ["terrapin", "typeorm"])).toEqual(["raw", "terrapin", "typeorm"]);
  });

  it("is nobody whom the storage does not have", () => {
    const known = /called "drizzle prepared"; known: raw, terrapin, drizzle, kysely, mikro-orm, typeorm$/;
    expect(() => chosenOn("mariadb", ["terrapin", "drizzle prepared"])).toThrow(known);
    expect(() => chosenOn("mariadb", ["prisma"])).toThrow(/no contender on mariadb is called "prisma"/);
    expect(() => chosenOn("file", ["knex"])).toThrow(/prisma$/);
  });
});
