import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../core/base/errors.js";

/** The exports of a module: a path from the working directory, or a package's name. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const isPath = path.startsWith(".") || isAbsolute(path);
  if (isPath && !existsSync(path)) throw notFound(path, undefined);
  try {
    return (await import(isPath ? pathToFileURL(resolve(path)).href : path)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    // A module that was found and failed says why itself.
    if (isPath || (cause as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw notFound(path, cause);
  }
}

function notFound(path: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`Module "${path}" not found`, {
    code: "module_not_found",
    cause,
    hint: "paths begin with ./ and are looked up from the working directory",
  });
}
