import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { context, fields, Model, type ReverseRelation, type TerrapinContext } from "terrapin";
import { anew } from "../../support/anew.js";

class Author extends Model.define(
  { id: fields.int({ primaryKey: true }), name: fields.text() },
  { defaultConnection: "people" },
) {
  declare books: ReverseRelation<Book>;
}
class Book extends Model.define({
  id: fields.int({ primaryKey: true }),
  author: fields.foreignKey<Author>("Author", { relatedName: "books", dbConstraint: false }),
}) {}

let orm: TerrapinContext;
beforeAll(async () => {
  orm = await context({
    connections: { default: await anew(), people: await anew() },
    models: { Author, Book },
  });
  await orm.run(async () => {
    await orm.generateSchemas();
    const author = await Author.create({ name: "ann" });
    await Book.create({ author });
    await Book.create({ author });
  });
});
afterAll(() => orm.closeConnections());

describe("a relation to a model on another connection", () => {
  it("is loaded from there, both ways", async () => {
    await orm.run(async () => {
      const books = await Book.all().orderBy("id").prefetchRelated("author");
      expect(books.map(({ author }) => author.name)).toEqual(["ann", "ann"]);
      const [author] = await Author.all().prefetchRelated("books__author");
      expect(author!.books.map(({ id, author: of }) => [id, of.name])).toEqual([
        [1, "ann"],
        [2, "ann"],
      ]);
    });
  });

  it("is loaded for objects that are there already, and awaited", async () => {
    await orm.run(async () => {
      const book = await Book.get({ id: 1 });
      expect((await book.author).name).toBe("ann");
      const [loaded] = await Book.fetchForList([book], "author");
      expect(loaded!.author.name).toBe("ann");
    });
  });
});
