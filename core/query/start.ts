import type { Meta } from "../schema/meta.js";
import type { QueryState } from "./state.js";

/** A new question about a model's rows, as its default manager starts it; to be changed by the one who asked for it. */
export const startOf = ({ objects }: Meta): QueryState => (objects.start() as QueryState).copy();
