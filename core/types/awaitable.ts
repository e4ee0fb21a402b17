/** What to do with an error. As with a promise, anything may have been thrown. */
// biome-ignore lint/suspicious/noExplicitAny: `catch((error) => error.code)` is written as with a promise
export type Failed<B> = ((reason: any) => B | PromiseLike<B>) | null;

/**
 * Work that starts when it is awaited, or with `run()`. A read runs at every `await`; a write runs at most once, and
 * a second `await` gives the first result.
 */
export interface Awaitable<T> {
  then<A = T, B = never>(done?: ((value: T) => A | PromiseLike<A>) | null, failed?: Failed<B>): Promise<A | B>;
  catch<B = never>(failed?: Failed<B>): Promise<T | B>;
  finally(done?: (() => void) | null): Promise<T>;
  /** Starts now and gives an ordinary promise. */
  run(): Promise<T>;
}
