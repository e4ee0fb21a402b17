/**
 * Work that starts when it is awaited, or with `run()`. A read runs at every `await`; a write runs at most once, and
 * a second `await` gives the first result.
 */
export interface Awaitable<T> {
  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B>;
  finally(done?: (() => void) | null): Promise<T>;
  /** Starts now and gives an ordinary promise. */
  run(): Promise<T>;
}
