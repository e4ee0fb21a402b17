import { ConfigurationError, FieldError } from "../base/errors.js";
import { indexName } from "../base/names.js";
import type { Field } from "../fields/field.js";
import type { Ddl, IndexDefinition } from "../sql/ast.js";
import type { Dialect } from "../sql/dialect.js";
import type { FullTextIndexFactory, FullTextIndexOptions } from "../types/full-text.js";
import { columnField, type IndexOptions, type Meta } from "./meta.js";

/**
 * An index over the words of texts, for `__search`: `indexes: [FullTextIndex({ fields: ["title", "body"] })]`.
 */
export const FullTextIndex: FullTextIndexFactory = (({
  fields,
  name,
  tokenizer,
}: FullTextIndexOptions): IndexOptions => ({
  fields,
  ...(name !== undefined && { name }),
  fullText: { tokenizer: tokenizer ?? null },
})) as FullTextIndexFactory;

/** A full-text index of a model, with its fields. */
interface FullTextOf {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly tokenizer: string | null;
}

function fullTextsOf(meta: Meta): FullTextOf[] {
  return meta.indexes.flatMap(({ fields: names, name, fullText }) => {
    if (fullText === undefined) return [];
    const fields = names.map((each) => columnField(meta, each)!);
    const other = fields.find(({ lookups }) => lookups !== "text");
    if (other !== undefined)
      throw new ConfigurationError(`${meta.name}: a full-text index is over texts, and "${other.name}" is none`, {
        code: "full_text_field",
      });
    const columns = fields.map(({ column }) => column);
    return [{ name: name ?? indexName("fts", meta.table.name, columns), fields, tokenizer: fullText.tokenizer }];
  });
}

/** The index that a search for words of a field asks: the one that is closest to the field alone. */
export function fullTextOf(meta: Meta, field: Field, path: string): FullTextOf {
  const found = fullTextsOf(meta)
    .filter(({ fields }) => fields.includes(field))
    .sort(
      (one, other) =>
        one.fields.indexOf(field) - other.fields.indexOf(field) || one.fields.length - other.fields.length,
    );
  if (found[0] !== undefined) return found[0];
  throw new FieldError(`"${path}": ${meta.name}.${field.name} is in no full-text index`, {
    code: "no_full_text_index",
    hint: `give ${meta.name} indexes: [FullTextIndex({ fields: ["${field.name}"] })], or use __icontains`,
  });
}

/** The full-text indexes of a model, where they are part of its table. */
export const inlineFullText = (meta: Meta): IndexDefinition[] =>
  fullTextsOf(meta).map(({ name, fields, tokenizer }) => ({
    name,
    columns: fields.map(({ column }) => column),
    unique: false,
    where: null,
    fullText: { tokenizer },
  }));

/** What makes the full-text indexes of a model's table, where they are tables of their own. */
export function createFullText(meta: Meta, dialect: Dialect, safe: boolean): Ddl[] {
  return fullTextsOf(meta).flatMap(({ name, fields, tokenizer }) => {
    if (!["smallInt", "int", "bigInt"].includes(meta.pk.type.kind))
      throw new ConfigurationError(
        `${meta.name}: a full-text index knows rows by an integer key, and "${meta.pk.name}" is none`,
        {
          code: "full_text_key",
          hint: "give the model an integer key, and the other one unique: true",
        },
      );
    const columns = fields.map(({ column }) => column);
    return dialect
      .fullTextIndex(meta.table, { name, columns, key: meta.pk.column, tokenizer }, safe)
      .map((sql): Ddl => ({ kind: "createFullText", sql }));
  });
}
