import { TransactionManagementError } from "../base/errors.js";
import type { SqlValue } from "../sql/column-type.js";
import type { AcquiredConnection, Client } from "./client.js";
import { isPromise, type Lease, type MaybePromise, type Result } from "./driver.js";
import { isWatched, watched } from "./observing.js";
import { rawParams, rowsAsObjects, type RawValue } from "./raw.js";

/** One connection for several statements. `lease` is null where the client itself is one. */
export class LeasedConnection implements AcquiredConnection {
  #released = false;

  constructor(
    readonly client: Client,
    readonly lease: Lease | null,
  ) {}

  run(sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    if (this.#released)
      throw new TransactionManagementError("this connection was given back", {
        code: "released",
        hint: "acquire it again",
      });
    const { client, lease } = this;
    if (lease === null) return client.run(sql, params, named);
    const send = (): MaybePromise<Result> => this.#send(lease, sql, params, named);
    return isWatched(client) ? watched({ client, kind: "run", statements: [{ sql, params }] }, send) : send();
  }

  #send(lease: Lease, sql: string, params: readonly SqlValue[], named?: boolean): MaybePromise<Result> {
    const { driver } = this.client;
    try {
      const result = lease.run(sql, params, named);
      return isPromise(result)
        ? result.catch((error: unknown) => {
            throw driver.toError(error, sql);
          })
        : result;
    } catch (error) {
      throw driver.toError(error, sql);
    }
  }

  async executeQuery(
    sql: string,
    values: readonly RawValue[] = [],
  ): Promise<[count: number, rows: Record<string, unknown>[]]> {
    const result = await this.run(sql, rawParams(values), true);
    return [
      result.columns !== undefined && result.columns.length > 0 ? result.rows.length : result.affected,
      rowsAsObjects(result),
    ];
  }

  async executeQueryDict(sql: string, values: readonly RawValue[] = []): Promise<Record<string, unknown>[]> {
    return rowsAsObjects(await this.run(sql, rawParams(values), true));
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.lease?.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
