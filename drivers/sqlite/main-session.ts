import type { Result, Statement } from "../../core/connection/driver.js";
import type { SqlValue } from "../../core/sql/column-type.js";
import { SqliteSession, type SqliteHost } from "./session.js";

/** What a session of better-sqlite3 can do beyond that of any client. */
export interface MainHost extends SqliteHost {
  executeScript(sql: string): void;
  streamHere(sql: string, params: readonly SqlValue[]): Iterable<unknown[]>;
  /** runs statements as one unit, in a savepoint of this name */
  batchInside(name: string, statements: readonly Statement[]): Result[];
}

/** A transaction on the main connection, or a savepoint of one. */
export class MainSession extends SqliteSession<MainHost> {
  batch(statements: readonly Statement[]): Result[] {
    return this.inside(() => this.host.batchInside("terrapin_batch", statements));
  }

  stream(sql: string, params: readonly SqlValue[]): Iterable<unknown[]> {
    return this.inside(() => this.host.streamHere(sql, params));
  }

  script(sql: string): void {
    this.inside(() => this.host.executeScript(sql));
    this.still("the script ended the transaction that it ran in");
  }

  protected override inner(): MainSession {
    return new MainSession(this.host, this);
  }
}
