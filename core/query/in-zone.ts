import { formatDatetime } from "../base/datetime-text.js";
import { changesOf } from "../base/zone.js";
import type { Expr } from "../sql/ast.js";

/** What the clocks of a zone show. When they change is data: servers mostly know no zones. */
export const inZone = (item: Expr, zone: string): Expr => ({
  kind: "inZone",
  item,
  changes: {
    kind: "param",
    slot: -1,
    encode: () =>
      JSON.stringify(
        changesOf(zone).map(([from, seconds]) => [from === -Infinity ? "" : formatDatetime(from), seconds]),
      ),
  },
});
