import { readFileSync } from "node:fs";
import { moduleOf } from "./docs.js";

export const guide = "docs/guides/coming-from-tortoise.md";

/** One row of the guide's tables. */
export interface Row {
  /** What Tortoise calls it: the first cell as it is read, without the marks of code. */
  name: string;
  /** The code of the second cell. */
  code: string[];
  /** It waits for a later version. */
  later: boolean;
  /** The third cell. */
  differs: string;
  /** Its line in the page, from 1. */
  line: number;
}

/** What proves a row: the features of the list of behaviours that it stands for, and something that fails when it is not so. */
export type Proof = readonly [features: string, prove: () => unknown];
export type Proofs = Readonly<Record<string, Proof>>;

/** The rows of all tables whose first column is Tortoise. */
export function rowsOf(markdown: string): Row[] {
  const rows: Row[] = [];
  for (const [i, text] of markdown.split("\n").entries()) {
    if (!text.startsWith("| ") || text.startsWith("| --- ") || text.startsWith("| Tortoise |")) continue;
    const cells = text.slice(1, text.lastIndexOf("|")).split(/(?<!\\)\|/);
    const [first = "", second = "", third = ""] = cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
    rows.push({
      name: first.replaceAll("`", ""),
      code: [...second.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
      later: second === "not in this version",
      differs: cells.length === 3 ? third : "",
      line: i + 1,
    });
  }
  return rows;
}

/** What the page says stands for itself in its tables, and what its code is taken from. */
const given = `
import {
  Avg, atomic, ConfigurationError, Count, DoesNotExist, F, FieldError, IncompleteInstanceError, inTransaction, IntegrityError, Max, Min,
  MultipleObjectsReturned, OperationalError, OuterRef, ParamsError, postDelete, postSave, preDelete, preSave, Q, RawSql, registerListener, Subquery, Sum,
  TransactionManagementError, ValidationError,
} from "terrapin";
import { sandbox, testContext, testDatabase, truncateAllModels } from "terrapin/testing";
import type { Awaitable, Client, QuerySet, RawQuerySet, SingleQuerySet } from "terrapin";
declare const users: User[], order: Order, article: Article, tag: Tag, connection: Client, listener: () => void;
`;

/** The page's models and one function for each piece of code in its tables, and the row of each line. */
export function moduleOfRows(page: string): { text: string; rowAt: (line: number) => Row | undefined } {
  const lines = [...moduleOf(page).split("\n"), ...given.split("\n")];
  const at = new Map<number, Row>();
  for (const row of rowsOf(page))
    for (const code of row.code) {
      lines.push(`export function row${lines.length}() { ${code} }`);
      at.set(lines.length, row);
    }
  return { text: lines.join("\n"), rowAt: (line) => at.get(line) };
}

/** The codes that docs/errors.md lists, those of whole classes too. */
export function errorCodes(): Set<string> {
  const codes = readFileSync("docs/errors.md", "utf8").matchAll(/^\| (?:`[A-Z]\w+` \| )?`(\w+)` \|/gm);
  return new Set([...codes].map((match) => match[1]!));
}
