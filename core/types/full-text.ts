import type { IndexOptions } from "./meta.js";

/** What a full-text index is made of. */
export interface FullTextIndexOptions<Name extends string = string> {
  /** the texts that are searched together */
  readonly fields: readonly Name[];
  /** made from the table and its columns when left out */
  readonly name?: string;
  /** how texts are taken apart, in the database's own words: `porter unicode61` on SQLite, `ngram` on MySQL */
  readonly tokenizer?: string;
}

/** The type of `FullTextIndex`: `indexes: [FullTextIndex({ fields: ["title", "body"] })]`. */
export interface FullTextIndexFactory {
  <const Name extends string>(options: FullTextIndexOptions<Name>): IndexOptions<Name>;
}
