import type { Meta } from "./meta.js";

const known = new WeakMap<Meta, boolean>();

/** True where deleting a row of the model may delete other rows of it, by whatever tables the cascade goes. */
export function cascadesToItself(meta: Meta): boolean {
  let answer = known.get(meta);
  if (answer === undefined) known.set(meta, (answer = goesAround(meta)));
  return answer;
}

function goesAround(meta: Meta): boolean {
  const reached = new Set<Meta>([meta]);
  // A set gives what is added while one goes through it.
  for (const { relations } of reached) {
    for (const { backward, through, target, field } of relations.values()) {
      const { onDelete = "CASCADE", dbConstraint } = field.options;
      if (!backward || through !== null || onDelete !== "CASCADE" || dbConstraint === false) continue;
      if (target === meta) return true;
      reached.add(target);
    }
  }
  return false;
}
