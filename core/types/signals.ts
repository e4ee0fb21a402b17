// Listeners to the writes of single objects.

import type { ConnectionHandle } from "./using.js";
import type { HasInstance } from "./model.js";

/** When a listener is called. */
export type Signal = "preSave" | "postSave" | "preDelete" | "postDelete";

/** What every listener is told. `Class` is the model. */
export interface DeleteEvent<Class extends HasInstance<unknown>> {
  /** the model class */
  readonly sender: Class;
  readonly instance: Class["prototype"];
  /** the connection or transaction of the write: `{ usingDb }` makes other writes part of it */
  readonly usingDb: ConnectionHandle & { readonly isTransaction: boolean; readonly connectionName: string };
}

/** What a listener is told before an object is saved. */
export interface PreSaveEvent<Class extends HasInstance<unknown>> extends DeleteEvent<Class> {
  /** the fields that `save({ updateFields })` named, or null */
  readonly updateFields: readonly string[] | null;
}

/** What a listener is told after an object was saved. */
export interface PostSaveEvent<Class extends HasInstance<unknown>> extends PreSaveEvent<Class> {
  /** the object was new */
  readonly created: boolean;
}

/** What the listeners of each signal are told. */
export interface SignalEvents<Class extends HasInstance<unknown>> {
  readonly preSave: PreSaveEvent<Class>;
  readonly postSave: PostSaveEvent<Class>;
  readonly preDelete: DeleteEvent<Class>;
  readonly postDelete: DeleteEvent<Class>;
}

/** A function that is told of writes. What it gives back is awaited, and otherwise means nothing. */
export type SignalListener<S extends Signal, Class extends HasInstance<unknown>> = (
  event: SignalEvents<Class>[S],
) => unknown;

/** Takes a listener back. */
export type StopListening = () => void;

/** One model, or several. */
export type Senders = HasInstance<unknown> | readonly HasInstance<unknown>[];
/** One of the models. */
export type SenderOf<M> = M extends readonly (infer Class extends HasInstance<unknown>)[]
  ? Class
  : M extends HasInstance<unknown>
    ? M
    : never;

/** The type of `preSave` and its like. */
export interface Listen<S extends Signal> {
  /** Calls `listener` for the objects of these models, and gives a function that takes it back. */
  <const M extends Senders>(models: M, listener: SignalListener<S, SenderOf<M>>): StopListening;
  /** Does so for the function or method that is given afterwards: `@preSave(User, Order)`. */
  <M extends readonly HasInstance<unknown>[]>(
    ...models: M
  ): <F extends SignalListener<S, M[number]>>(listener: F, context?: unknown) => F;
}

/** The type of `registerListener`. */
export interface RegisterListener {
  <Class extends HasInstance<unknown>, S extends Signal>(
    model: Class,
    signal: S,
    listener: SignalListener<S, Class>,
  ): StopListening;
}
