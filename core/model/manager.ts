import { ConfigurationError } from "../base/errors.js";
import { QuerySet } from "../queryset/queryset.js";
import { QueryState } from "../query/state.js";
import type { Manager as TypedManager, ManagerConstructor } from "../types/manager.js";

/** Narrows a model's rows before anything else is asked. */
export type ManagerScope = (all: QuerySet) => QuerySet;

/**
 * The class behind `Manager`: where a model's queries start, from its options or as a static of its own
 * (`static published = new Manager<Article>(…)`).
 */
export class ModelManager {
  readonly #scope: ManagerScope;
  #model: object | null = null;

  constructor(scope: ManagerScope = (all) => all) {
    if (new.target !== ModelManager || typeof scope !== "function")
      throw new ConfigurationError("a manager is made of a function that narrows a query", {
        hint: "new Manager((all) => all.filter({ … })), not a class of its own",
      });
    this.#scope = scope;
    // A manager answers every question that a query set does, by asking its own.
    const self: ModelManager = this;
    return new Proxy(this, {
      get(_, name): unknown {
        if (name in self) return bound(self, name);
        const query = self.getQuerySet();
        return name in query ? bound(query, name) : undefined;
      },
    });
  }

  /** The same starting point for the rows of `model`. */
  copyFor(model: object): ModelManager {
    const copy = new ModelManager(this.#scope);
    copy.bindTo(model);
    return copy;
  }

  /** Says whose rows these are. */
  bindTo(model: object): void {
    this.#model = model;
  }

  /** The query that this manager starts from. */
  getQuerySet(): QuerySet {
    if (this.#model === null)
      throw new ConfigurationError("a manager was used before its model was registered", {
        code: "not_registered",
        hint: "pass the model to Terrapin.init({ models: { … } })",
      });
    return this.querySetOf(this.#model);
  }

  /** The same for any model: a manager in the options of an abstract model serves all its children. */
  querySetOf(model: object): QuerySet {
    return this.#scope(new QuerySet(new QueryState(model)));
  }
}

/** Gives a model class managers of its own for its static ones, and for those of its abstract parents. */
export function bindManagers(model: object, root: object): void {
  for (let at = model; at !== root && at !== null; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (!(value instanceof ModelManager)) continue;
      if (at === model) value.bindTo(model);
      else if (!Object.hasOwn(model, name))
        Object.defineProperty(model, name, { value: value.copyFor(model), configurable: true });
    }
  }
}

function bound(object: object, name: string | symbol): unknown {
  const value = (object as Record<string | symbol, unknown>)[name];
  return typeof value === "function" ? (value as (...given: unknown[]) => unknown).bind(object) : value;
}

/**
 * A starting point for queries: `static active = new Manager<User>((users) => users.filter({ isActive: true }))`. In the
 * options of `define` it serves the children of an abstract model; the model itself cannot be named there.
 */
export const Manager: ManagerConstructor = ModelManager as unknown as ManagerConstructor;
/** A starting point for queries of the model `I`. */
export type Manager<I> = TypedManager<I>;
