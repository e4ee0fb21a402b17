/** A value that may already be there. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value when it is there: at once, or when its promise is fulfilled. */
export function after<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Runs steps one after another; stays synchronous as long as they do. */
export function inOrder<T>(
  items: readonly T[],
  step: (item: T, index: number) => MaybePromise<unknown>,
  from = 0,
): MaybePromise<void> {
  for (let i = from; i < items.length; i++) {
    const done = step(items[i]!, i);
    if (done instanceof Promise) return done.then(() => inOrder(items, step, i + 1));
  }
}
