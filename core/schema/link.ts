import type { RelationField } from "../fields/relation.js";
import type { LinkEnds } from "./ends.js";
import { checkNames, relationsOf } from "./define.js";
import type { Meta } from "./meta.js";
import type { Relation } from "./relation.js";
import type { Registry } from "./registry.js";

/** A relation of a registered model, as its author wrote it. */
export interface Unlinked {
  readonly name: string;
  readonly field: RelationField;
  readonly meta: Meta;
}

/**
 * Finds what the relations of registered models lead to, and gives both ends their attributes. What is linked already stays;
 * everything that is wrong with a model's relations is told here, by one error.
 */
export function linkModels(registry: Registry): void {
  const fresh = registry.metas().filter((meta) => !meta.linked);
  const found = fresh.flatMap((meta) =>
    Array.from(relationsOf(meta.model, meta.name), ([name, field]): Unlinked => ({ name, field, meta })),
  );
  const ends = found.length === 0 ? [] : (found[0]!.field.brings as LinkEnds).linkEnds(found, registry);
  for (const meta of fresh) checkNames(meta);
  // Nothing can fail any more: what is wrong leaves no trace on the other models.
  for (const relation of ends) {
    (relation.meta.relations as Map<string, Relation>).set(relation.name, relation);
    if (!relation.hidden) relation.meta.objects.addRelation(relation);
  }
  for (const meta of fresh) (meta as { linked: boolean }).linked = true;
}
