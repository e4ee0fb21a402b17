import { ConfigurationError, typeName } from "../base/errors.js";
import { after, inOrder, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { asyncStore, currentScope, detoured, runningOn } from "../connection/context.js";
import type { Transaction } from "../connection/transaction.js";
import { isAbstract, isModelClass } from "../schema/define.js";
import { LISTENING, META, type Heard, type Listening, type ModelLike } from "../schema/meta.js";
import type { Listen, RegisterListener, Signal, StopListening } from "../types/signals.js";

/** A function that is told of writes: it may wait, or give back a query to run. */
type Listener = (event: Readonly<Record<string, unknown>>) => unknown;

const SIGNALS: readonly Signal[] = ["preSave", "postSave", "preDelete", "postDelete"];

/** Who listens to the objects of one model. A list is never changed, so that what is being told goes on undisturbed. */
class ModelListeners implements Listening {
  readonly lists: Record<Signal, readonly Listener[]> = { preSave: [], postSave: [], preDelete: [], postDelete: [] };

  constructor(readonly model: ModelLike) {}

  save({ created, ...heard }: Heard, write: () => MaybePromise<void>): MaybePromise<void> {
    const usingDb = heard.usingDb.aside;
    const event = { sender: this.model, ...heard, usingDb };
    return after(this.#tell("preSave", event, usingDb), () =>
      after(write(), () => this.#tell("postSave", { ...event, created }, usingDb)),
    );
  }

  delete({ instance, usingDb: { aside: usingDb } }: Heard, write: () => MaybePromise<void>): MaybePromise<void> {
    const event = { sender: this.model, instance, usingDb };
    return after(this.#tell("preDelete", event, usingDb), () =>
      after(write(), () => this.#tell("postDelete", event, usingDb)),
    );
  }

  #tell(signal: Signal, event: Readonly<Record<string, unknown>>, client: Client): MaybePromise<void> {
    const listeners = this.lists[signal];
    if (listeners.length === 0) return undefined;
    // What a listener asks is no part of what is being started around it.
    return detoured(null, () =>
      inside(client, () =>
        inOrder(listeners, (listener) => {
          const answer = listener(event);
          return isAwaitable(answer) ? Promise.resolve(answer) : undefined;
        }),
      ),
    );
  }
}

/** A write that was given its transaction by hand takes its listeners along: what they ask joins it. */
function inside<T>(client: Client, work: () => T): T {
  const store = asyncStore();
  const scope = currentScope();
  if (store === null || !client.isTransaction || runningOn(client.connection, scope) === client) return work();
  return store.run({ context: null, transaction: client as Transaction, outer: scope }, work);
}

const isAwaitable = (answer: unknown): boolean =>
  typeof (answer as { then?: unknown } | null | undefined)?.then === "function";

/**
 * Calls `listener` before an object of the model is saved. It may change the object; when it fails, nothing is written.
 * Gives a function that takes the listener back. With several models write a list, or `@preSave(User, Order)` on a method.
 * @example
 * const stop = preSave(User, ({ instance }) => { instance.username = instance.username.trim(); });
 */
export const preSave: Listen<"preSave"> = /* @__PURE__ */ listen("preSave");

/**
 * Calls `listener` after an object of the model was saved: `created` says whether by an INSERT. When it fails, the error is
 * that of `save`, and the row stays written unless a transaction around both is rolled back.
 * @example
 * postSave(User, async ({ instance, created, usingDb }) => {
 *   if (created) await Profile.create({ user: instance }, { usingDb });
 * });
 */
export const postSave: Listen<"postSave"> = /* @__PURE__ */ listen("postSave");

/**
 * Calls `listener` before an object of the model is deleted; when it fails, nothing is deleted.
 * @example
 * preDelete(User, ({ instance }) => { if (instance.isAdmin) throw new Error("not this one"); });
 */
export const preDelete: Listen<"preDelete"> = /* @__PURE__ */ listen("preDelete");

/**
 * Calls `listener` after an object of the model was deleted.
 * @example
 * postDelete(Picture, ({ instance }) => removeFile(instance.path));
 */
export const postDelete: Listen<"postDelete"> = /* @__PURE__ */ listen("postDelete");

/**
 * The same by the signal's name.
 * @example
 * const stop = registerListener(User, "postSave", ({ instance }) => console.log(instance.id));
 */
export const registerListener: RegisterListener = ((
  model: unknown,
  signal: Signal,
  listener: unknown,
): StopListening => {
  if (!SIGNALS.includes(signal))
    throw new ConfigurationError(
      `registerListener: there is no signal ${typeof signal === "string" ? `"${signal}"` : typeName(signal)}`,
      { code: "unknown_signal", hint: `known: ${SIGNALS.join(", ")}` },
    );
  return register(signal, [model], listener);
}) as never;

function listen<S extends Signal>(signal: S): Listen<S> {
  return ((...given: readonly unknown[]): unknown => {
    if (given.length > 0 && given.every(isModelClass))
      return (listener: unknown): unknown => {
        register(signal, given, listener);
        return listener;
      };
    const [models, listener] = given;
    return register(signal, Array.isArray(models) ? models : [models], listener);
  }) as never;
}

function register(signal: Signal, models: readonly unknown[], listener: unknown): StopListening {
  const owners = models.map((model) => ownerOf(signal, model));
  if (owners.length === 0)
    throw new ConfigurationError(`${signal}: no model is named`, { code: "bad_listener", hint: `${signal}(User, …)` });
  if (typeof listener !== "function")
    throw new ConfigurationError(`${signal}: Signal listener must be callable, not ${typeName(listener)}`, {
      code: "bad_listener",
      hint: `${signal}(User, ({ instance }) => { … })`,
    });
  for (const model of owners) {
    const { lists } = listenersOf(model);
    if (!lists[signal].includes(listener as Listener)) lists[signal] = [...lists[signal], listener as Listener];
  }
  return () => {
    for (const model of owners) stop(model, signal, listener as Listener);
  };
}

/** The model class itself, also behind what `usingDb` gave. */
function ownerOf(signal: Signal, model: unknown): ModelLike {
  const owner = (model as { prototype?: { constructor: unknown } } | null | undefined)?.prototype?.constructor;
  if (!isModelClass(owner))
    throw new ConfigurationError(`${signal} takes a model class, not ${typeName(model)}`, {
      code: "bad_listener",
      hint: `${signal}(User, ({ instance }) => { … })`,
    });
  // Listeners are not inherited, so this one would never be called.
  if (isAbstract(owner))
    throw new ConfigurationError(
      `${signal}: ${(owner as { name?: string }).name ?? "the model"} is abstract, so there is no object of it to hear of`,
      { code: "bad_listener", hint: `name its children: ${signal}([A, B], …)` },
    );
  return owner;
}

function listenersOf(model: ModelLike): ModelListeners {
  const known = Object.hasOwn(model, LISTENING) ? model[LISTENING] : null;
  return known instanceof ModelListeners ? known : keep(model, new ModelListeners(model));
}

/** Says who listens to a model: on the class, which may not be registered yet, and on its Meta, where writes look. */
function keep<L extends ModelListeners | null>(model: ModelLike, listening: L): L {
  Object.defineProperty(model, LISTENING, { value: listening, configurable: true });
  if (Object.hasOwn(model, META)) model[META]!.listening = listening;
  return listening;
}

function stop(model: ModelLike, signal: Signal, listener: Listener): void {
  const { lists } = listenersOf(model);
  lists[signal] = lists[signal].filter((each) => each !== listener);
  if (SIGNALS.every((each) => lists[each].length === 0)) keep(model, null);
}
