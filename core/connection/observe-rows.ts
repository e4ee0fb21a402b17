import type { Start } from "./observe-watchers.js";
import type { RowSource } from "./observing.js";

/** Rows as they come, with the time that was spent waiting for them. */
export function rowsWatched(start: Start, source: RowSource): RowSource {
  let rows = 0;
  let spent = 0;
  let since = 0;
  const from = (): void => void (since = performance.now());
  const until = (): void => void (spent += performance.now() - since);
  // `rows` of a result are counted by their length alone.
  const end = (): void => void start.end({ rows: { length: rows }, affected: 0 }, spent);
  const failing = (error: unknown): never => {
    until();
    return start.fail(error, spent);
  };
  const seen = (step: IteratorResult<unknown[]>): IteratorResult<unknown[]> => {
    until();
    if (step.done === true) end();
    else rows++;
    return step;
  };
  if (Symbol.asyncIterator in source) {
    const inner = source[Symbol.asyncIterator]();
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          from();
          try {
            const step = await inner.next();
            start.lookForCaller();
            return seen(step);
          } catch (error) {
            return failing(error);
          }
        },
        async return() {
          end();
          return (await inner.return?.()) ?? { done: true, value: undefined };
        },
      }),
    };
  }
  const inner = source[Symbol.iterator]();
  return {
    [Symbol.iterator]: () => ({
      next() {
        from();
        try {
          start.lookForCaller();
          return seen(inner.next());
        } catch (error) {
          return failing(error);
        }
      },
      return() {
        end();
        return inner.return?.() ?? { done: true, value: undefined };
      },
    }),
  };
}
