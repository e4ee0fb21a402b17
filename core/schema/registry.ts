import { ConfigurationError } from "../base/errors.js";
import { registerModel, type Registration } from "./define.js";
import type { Meta, ModelLike } from "./meta.js";

/** The models of one context, by app and name. */
export class Registry {
  readonly apps: Record<string, Record<string, ModelLike>> = {};
  readonly #metas: Meta[] = [];
  readonly #connections = new Map<Meta, string>();

  /** Adds a model to an app; `connection` is the app's default connection. */
  add(model: ModelLike, registration: Registration, connection: string): Meta {
    const meta = registerModel(model, registration);
    const app = (this.apps[registration.app] ??= {});
    if (app[registration.name] !== undefined && app[registration.name] !== model) {
      throw new ConfigurationError(`two models are called ${meta.label}`, {
        code: "name_twice",
        hint: "give one of them another key in models",
      });
    }
    if (!this.#connections.has(meta)) this.#metas.push(meta);
    app[registration.name] = model;
    this.#connections.set(meta, meta.defaultConnection ?? connection);
    return meta;
  }

  /** Every model, in the order in which they were added. */
  metas(): readonly Meta[] {
    return this.#metas;
  }

  /** The connection's name that a model uses unless told otherwise. */
  connectionOf(meta: Meta): string {
    return this.#connections.get(meta)!;
  }

  /** The Meta of "app.Model" or of a name that only one app has. */
  find(name: string): Meta {
    const found = this.#metas.filter((meta) => meta.label === name || meta.name === name);
    if (found.length === 1) return found[0]!;
    throw new ConfigurationError(
      found.length === 0 ? `no model is called "${name}"` : `"${name}" is the name of ${found.length} models`,
      {
        code: "unknown_model",
        hint: `known: ${this.#metas.map((meta) => meta.label).join(", ")}`,
      },
    );
  }
}
