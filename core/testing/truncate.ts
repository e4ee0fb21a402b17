import { currentContext, type Context } from "../connection/context.js";
import { inOrderOfKeys, ownRelations } from "../schema/create.js";
import type { Meta } from "../schema/meta.js";
import type { Delete, Update } from "../sql/ast.js";
import { compile } from "../sql/compile.js";

/**
 * Deletes all rows of all models of the current context, or of the given one, at once on each connection. Where a database has
 * no transactions that stay open, this is what makes tests independent. Counters of generated keys go on.
 * @example
 * await truncateAllModels(); // DELETE FROM "order"; DELETE FROM "user"
 */
export async function truncateAllModels(context: Context = currentContext()): Promise<void> {
  const groups = new Map<string, Meta[]>();
  for (const [key, { connectionName }] of context.bindings) {
    const meta = key as Meta;
    if (meta.managed) groups.set(connectionName, [...(groups.get(connectionName) ?? []), meta]);
  }
  for (const [name, metas] of groups) {
    const client = context.connections.get(name);
    await client.batch(emptying(metas).map((each) => ({ sql: compile(each, client.dialect).sql, params: [] })));
  }
}

/** What refers to others goes first. In a circle, which no order suits, the keys that may be NULL are taken out before. */
function emptying(metas: readonly Meta[]): (Delete | Update)[] {
  const ordered = inOrderOfKeys(inOrderOfKeys(metas), ({ from }) => !from.null);
  const place = (meta: Meta): number => ordered.indexOf(meta);
  const own = ordered.flatMap(ownRelations);
  return [
    ...own
      .filter(({ through }) => through !== null && through.meta === null)
      .map(({ through }): Delete => ({ kind: "delete", table: through!.table, where: null })),
    ...own
      .filter(({ through, from, meta, target }) => through === null && from.null && place(meta) <= place(target))
      .map(
        ({ meta, from }): Update => ({
          kind: "update",
          table: meta.table,
          set: [{ column: from.column, value: { kind: "literal", value: null } }],
          where: null,
        }),
      ),
    ...ordered.toReversed().map(({ table }): Delete => ({ kind: "delete", table, where: null })),
  ];
}
