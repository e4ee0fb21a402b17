import { ConfigurationError } from "../base/errors.js";
import { isAbstract, isModelClass } from "./define.js";
import type { ModelLike } from "./meta.js";

/**
 * The models of a module by the names they are exported under. `__models__` in it, a list or a record, takes the place
 * of looking. Abstract models and everything else are passed over.
 */
export function discoverModels(module: Readonly<Record<string, unknown>>): Record<string, ModelLike> {
  const listed = module["__models__"];
  if (typeof listed === "object" && listed !== null)
    return Symbol.iterator in listed
      ? namedInModule([...(listed as Iterable<unknown>)], module)
      : modelsIn(listed as Readonly<Record<string, unknown>>);
  return modelsIn(module);
}

function modelsIn(module: Readonly<Record<string, unknown>>): Record<string, ModelLike> {
  const found = new Map<ModelLike, string>();
  for (const name of Object.keys(module)) {
    const value = module[name];
    // "default" is no name: the same class mostly has another one.
    if (!isModelClass(value) || isAbstract(value) || (found.has(value) && name === "default")) continue;
    if (!found.has(value) || found.get(value) === "default") found.set(value, name);
  }
  return Object.fromEntries(Array.from(found, ([model, name]) => [name, model]));
}

/** A list has no names, and bundlers rename classes: the names are those of the exports. */
function namedInModule(
  models: readonly unknown[],
  module: Readonly<Record<string, unknown>>,
): Record<string, ModelLike> {
  const exported = Object.entries(module);
  return Object.fromEntries(
    models
      .filter((model): model is ModelLike => isModelClass(model) && !isAbstract(model))
      .map((model) => {
        const name = exported.find(([key, value]) => value === model && key !== "default")?.[0];
        if (name === undefined)
          throw new ConfigurationError("__models__ lists a class that the module does not export", {
            code: "unnamed_model",
            hint: "export it, or write __models__ = { User, Order }",
          });
        return [name, model];
      }),
  );
}
