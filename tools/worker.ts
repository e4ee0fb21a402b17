import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";

const builtin = new RegExp(`^(node:)?(${builtinModules.filter((name) => !name.startsWith("_")).join("|")})$`);

/** For Workers with `nodejs_compat`: what a client requires of Node is imported, because there is no `require` for it. */
const nodeModules: Plugin = {
  name: "node-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: builtin }, ({ path, kind }) => {
      const name = path.startsWith("node:") ? path : `node:${path}`;
      return kind === "require-call" ? { path: name, namespace: "required" } : { path: name, external: true };
    });
    onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `import found from "${path}"; module.exports = found;`,
      loader: "js",
    }));
  },
};

/**
 * Bundles a Worker as its user would, from the package as it is published: whatever needs more of Node than its flags give
 * stays an error.
 */
export async function bundleWorker(entry: string, { nodejs = false } = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["workerd", "worker"],
    mainFields: ["module", "main"],
    external: ["node:async_hooks", "cloudflare:*"],
    plugins: nodejs ? [nodeModules] : [],
    // The paths of test/tsconfig.json lead to the sources.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
    logLevel: "warning",
  });
  return outputFiles[0]!.text;
}

/** A runtime as it is deployed: the limits, the flags and the rule against evaluated text are real. */
export async function startWorker(entry: string, options: Partial<MiniflareOptions>): Promise<Miniflare> {
  const miniflare = new Miniflare({
    modules: true,
    script: await bundleWorker(entry, { nodejs: options.compatibilityFlags?.includes("nodejs_compat") === true }),
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["nodejs_als"],
    ...options,
  } as MiniflareOptions);
  await miniflare.ready;
  return miniflare;
}

/** What we read of the file that says how a Worker is deployed. */
interface Wrangler {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: string[];
  readonly d1_databases?: readonly { readonly binding: string; readonly database_id: string }[];
  readonly durable_objects?: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly vars?: Readonly<Record<string, string>>;
}

/** Starts the Worker of a folder as its `wrangler.json` says. `persist`: the folder that keeps its data; absent: memory. */
export async function startExample(
  folder: string,
  { port = 0, persist, vars = {} }: { port?: number; persist?: string; vars?: Record<string, string> } = {},
): Promise<Miniflare> {
  const wrangler = JSON.parse(readFileSync(join(folder, "wrangler.json"), "utf8")) as Wrangler;
  return startWorker(join(folder, wrangler.main), {
    port,
    host: "127.0.0.1",
    compatibilityDate: wrangler.compatibility_date,
    compatibilityFlags: wrangler.compatibility_flags,
    d1Databases: Object.fromEntries((wrangler.d1_databases ?? []).map((each) => [each.binding, each.database_id])),
    durableObjects: Object.fromEntries(
      (wrangler.durable_objects?.bindings ?? []).map((each) => [
        each.name,
        { className: each.class_name, useSQLite: true },
      ]),
    ),
    bindings: { ...wrangler.vars, ...vars },
    ...(persist === undefined ? {} : { d1Persist: persist, durableObjectsPersist: persist }),
  });
}

/** Says where an example listens, and ends it when this process is told to end: the Worker first, then what it needed. */
export async function serveExample(miniflare: Miniflare, close: () => Promise<void> = async () => {}): Promise<void> {
  console.log(`listening on ${(await miniflare.ready).origin}`);
  const stop = (): void => {
    void miniflare
      .dispose()
      .then(close)
      .then(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT"]) {
    // Miniflare's own listener ends the process at once.
    process.removeAllListeners(signal);
    process.once(signal, stop);
  }
}
