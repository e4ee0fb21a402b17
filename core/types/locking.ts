// How rows are locked, which indexes are used, and how a plan is shown.

import type { UsingOptions } from "./using.js";

/** How `selectForUpdate` locks. */
export interface LockOptions extends UsingOptions {
  /** a row that somebody else holds is an error, instead of a wait */
  readonly nowait?: boolean;
  /** rows that somebody else holds are left out */
  readonly skipLocked?: boolean;
  /** whose rows are locked: `"self"` and relations of `selectRelated`; all of them when it is left out */
  readonly of?: readonly string[];
}

/** How `explain` shows a plan. */
export interface ExplainOptions {
  /** one of the forms that the database has */
  readonly format?: string;
}
