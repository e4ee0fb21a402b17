import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { ConfigurationError } from "../core/base/errors.js";
import { importModule } from "./import-module.js";

const KNOWN = [".json", ".yml", ".yaml", ".ts", ".mts", ".js", ".mjs"];

/** What a configuration file holds: an object in JSON or YAML, or what a module exports as `default` or `config`. */
export async function readConfigFile(path: string): Promise<unknown> {
  const extension = extname(path).toLowerCase();
  if (!KNOWN.includes(extension))
    throw new ConfigurationError(`Unknown config extension ${extension === "" ? "(none)" : extension}`, {
      code: "config_file",
      hint: `known: ${KNOWN.join(", ")}`,
    });
  if (extension.endsWith("s")) {
    const module = await importModule(path);
    return module["default"] ?? module["config"];
  }
  const text = await readText(path);
  try {
    if (extension === ".json") return JSON.parse(text) as unknown;
    // Only those who have such a file pay for the parser.
    const { parse } = await import("yaml");
    return parse(text) as unknown;
  } catch (cause) {
    throw new ConfigurationError(`the configuration file ${path} cannot be parsed`, { code: "config_file", cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(resolve(path), "utf8");
  } catch (cause) {
    throw new ConfigurationError(`the configuration file ${path} cannot be read`, { code: "config_file", cause });
  }
}
