import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  batch,
  DoesNotExist,
  FieldError,
  GuardError,
  IntegrityError,
  LimitError,
  ParamsError,
  TerrapinError,
  TimeoutError,
  ValidationError,
  withStats,
} from "terrapin";
import { Article, Author, Tag } from "./models.ts";

export const app = new Hono();

// How many statements a request took: the first thing to look at when one is slow.
app.use(async (context, next) => {
  await withStats(async (counters) => {
    await next();
    context.header("x-statements", String(counters.statements));
  });
});

app.use(
  bodyLimit({
    maxSize: 1_000_000,
    onError: (context) => context.json({ error: "too_large", message: "a body has at most 1,000,000 bytes" }, 413),
  }),
);

app.get("/articles", async (context) => {
  const { after = null, tag, search } = context.req.query();
  let articles = Article.all().selectRelated("author").prefetchRelated("tags");
  if (tag !== undefined) articles = articles.filter({ tags__word: tag });
  if (search !== undefined) articles = articles.filter({ title__icontains: search });
  const { rows, next } = await articles.orderBy("-id").page({ size: sizeOf(context.req.query("size")), after });
  return context.json({ articles: rows, next });
});

app.get("/articles/:id", async (context) => {
  const article = await Article.get({ id: keyOf(context.req.param("id")) })
    .selectRelated("author")
    .prefetchRelated("tags");
  return context.json(article);
});

// Two round trips where the database takes batches as one request: what is there already, and all that is new or none.
app.post("/articles", async (context) => {
  const { author, title, body = "", tags = [] } = await bodyOf(context.req.raw);
  const name = textOf("author", author);
  const words = wordsOf(tags);
  const [known, there] = await batch([Author.getOrNone({ name }), Tag.filter({ word__in: words })]);
  const by = known ?? new Author({ name });
  const missing = words.filter((word) => !there.some((tag) => tag.word === word)).map((word) => new Tag({ word }));
  const article = new Article({ author: by, title: textOf("title", title), body: textOf("body", body) });
  await batch([by.save(), article.save(), Tag.bulkCreate(missing), article.tags.set([...there, ...missing])]);
  return context.json({ id: article.id, version: article.version }, 201);
});

// The version says which article the caller saw: whoever saved since then is not overwritten.
app.patch("/articles/:id", async (context) => {
  const { version, title, body } = await bodyOf(context.req.raw);
  if (typeof version !== "number") throw new ValidationError("version must be the number that you read");
  const article = await Article.get({ id: keyOf(context.req.param("id")) });
  if (version !== article.version) throw new GuardError("the article was changed since you read it", { code: "stale" });
  if (title !== undefined) article.title = textOf("title", title);
  if (body !== undefined) article.body = textOf("body", body);
  await article.save();
  return context.json({ id: article.id, version: article.version });
});

app.delete("/articles/:id", async (context) => {
  const article = await Article.get({ id: keyOf(context.req.param("id")) });
  await article.delete();
  return context.body(null, 204);
});

app.notFound((context) => context.json({ error: "not_found", message: `no ${context.req.path} here` }, 404));

app.onError((error, context) => {
  const status = statusOf(error);
  if (status === 500) console.error(error);
  const code = error instanceof TerrapinError ? error.code : "internal";
  // What went wrong inside is for the log; what the caller did is for the caller.
  return context.json({ error: code, message: status < 500 ? error.message : "something went wrong here" }, status);
});

function statusOf(error: Error): 400 | 404 | 409 | 413 | 422 | 500 | 503 {
  if (error instanceof DoesNotExist) return 404;
  if (error instanceof IntegrityError) return 409;
  if (error instanceof ValidationError) return 422;
  if (error instanceof LimitError) return 413;
  if (error instanceof FieldError || error instanceof ParamsError) return 400;
  return error instanceof TimeoutError ? 503 : 500;
}

function wordsOf(tags: unknown): string[] {
  if (!Array.isArray(tags) || tags.length > 20) throw new ValidationError("tags must be a list of at most 20 words");
  return [...new Set(tags.map((word) => textOf("tags", word)))];
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const given: unknown = await request.json().catch(() => null);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new ParamsError("the body must be a JSON object");
  return given as Record<string, unknown>;
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== "string") throw new ValidationError(`${name} must be text`, { field: name });
  return value;
}

function keyOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new ParamsError(`"${text}" is not the number of an article`);
  return Number(text);
}

function sizeOf(text = "20"): number {
  if (!/^[1-9]\d?$/.test(text)) throw new ParamsError("size must be a number from 1 to 99");
  return Number(text);
}
