import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, Open, OpenOptions } from "../contenders/contender.ts";
import { peers } from "../contenders/index.ts";
import { seedScript, sizes } from "../relations/data.ts";

/** Opens one and fills the tables that it needs. */
export async function openPeer(name: string, options: OpenOptions): Promise<Contender> {
  // Named by a value, so that the compiler does not ask for packages that are not installed.
  const { open } = (await import(`./${name}.ts`).catch((cause: unknown) => {
    throw new Error(`${name} did not load; the heavy contenders are installed by: npm run bench:peers`, { cause });
  })) as { open: Open };
  const contender = await open(options);
  await seedRelations(contender);
  return contender;
}

export async function seedRelations(contender: Contender): Promise<void> {
  for (const statement of seedScript(sizes)) await contender.exec(statement);
}

const packages: Readonly<Record<string, string>> = {
  "mikro-orm": "@mikro-orm/core",
  typeorm: "typeorm",
  prisma: "@prisma/client",
};

/** What was measured, for the head of a report. */
export function versionsOfPeers(names: readonly string[]): string {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return names
    .filter((name) => peers.includes(name))
    .map((name) => `, ${name} ${dependencies[packages[name] ?? name]}`)
    .join("");
}
