// Queries with computed values: `annotate` gives them names, under which they can be asked, ordered by and selected.

import type { Attributes } from "./instance.js";
import type { BASE, FIELDS } from "./symbols.js";

/** A model with computed values: `Fields` are what they would be as fields. */
export type Annotated<I, Fields> = I & Attributes<Fields> & HasAnnotations<BaseOf<I>, Fields>;

/** Computed values of a model. */
export interface HasAnnotations<Base, Fields> {
  readonly [BASE]: Base;
  readonly [FIELDS]: Fields;
}

/** The model without its computed values. */
export type BaseOf<I> = I extends { readonly [BASE]: infer Base } ? Base : I;

/** A row with computed values. Values that were selected before stay what they are. */
export type WithResults<Row, Values> = Row extends { readonly [FIELDS]: unknown } ? Row & Values : Row;
