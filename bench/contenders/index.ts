import type { Open } from "./contender.ts";

/** Heavy libraries, installed on demand by `npm run bench:peers`. They take part in the tests over relations alone. */
export const peers: readonly string[] = ["mikro-orm", "typeorm", "prisma"];

/** Who can take part: each opens its own library, when it is chosen. */
export type Contenders = Readonly<Record<string, () => Promise<Open>>>;

const onSqlite: Contenders = {
  raw: async () => (await import("./raw.ts")).open,
  terrapin: async () => (await import("./terrapin.ts")).open,
  drizzle: async () => (await import("./drizzle.ts")).open,
  "drizzle prepared": async () => (await import("./drizzle.ts")).openPrepared,
  "drizzle sync": async () => (await import("./drizzle.ts")).openSync,
  kysely: async () => (await import("./kysely.ts")).open,
};

const onMysql: Contenders = {
  raw: async () => (await import("../mysql/raw.ts")).open,
  terrapin: async () => (await import("./terrapin.ts")).open,
  drizzle: async () => (await import("../mysql/drizzle.ts")).open,
  kysely: async () => (await import("../mysql/kysely.ts")).open,
};

/** Those of a storage, or of a place in it: the URL of a server is one, everything else is SQLite. */
export const contendersOn = (storage: string): Contenders =>
  storage === "mariadb" || storage.startsWith("mysql:") ? onMysql : onSqlite;

/** All names that a storage knows, the heavy peers last. */
export const namesOn = (storage: string): readonly string[] => [
  ...Object.keys(contendersOn(storage)),
  ...peers.filter((name) => contendersOn(storage) === onSqlite || name !== "prisma"),
];

/** Raw and the contenders asked for, or all of the storage but the heavy peers. */
export function chosenOn(storage: string, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return Object.keys(contendersOn(storage));
  const known = namesOn(storage);
  const missing = asked.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new Error(`no contender on ${storage} is called "${missing}"; known: ${known.join(", ")}`);
  return ["raw", ...asked.filter((name) => name !== "raw")];
}
