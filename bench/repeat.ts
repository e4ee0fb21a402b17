import type { Answer } from "./contenders/contender.ts";

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";

/** Repeats a call, waiting only for contenders that make one wait. */
export async function repeat(times: number, call: (index: number) => Answer<unknown>): Promise<void> {
  for (let index = 0; index < times; index++) {
    const answer = call(index);
    if (isThenable(answer)) await answer;
  }
}
