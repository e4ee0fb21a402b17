import { F as typedF, Q as typedQ } from "../../core/index.js";

/** Q without types: random conditions have none. */
export const Q = typedQ as unknown as {
  (where: object): object;
  and(...parts: object[]): object;
  or(...parts: object[]): object;
  not(part: object): object;
};

/** Arithmetic without types. */
export interface Computed {
  plus(other: unknown): Computed;
  minus(other: unknown): Computed;
  times(other: unknown): Computed;
}

/** F without types. */
export const F = typedF as unknown as (path: string) => Computed;
