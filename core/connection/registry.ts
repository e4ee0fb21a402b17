import { ConfigurationError } from "../base/errors.js";
import type { Client } from "./client.js";
import { Connection } from "./connection.js";
import { currentScope, runningOn, type Binding } from "./context.js";
import type { Driver } from "./driver.js";
import type { Watcher } from "./observing.js";

/** A ready driver, or a function that makes one when it is needed. */
export type DriverSource = Driver | (() => Driver);

/** What `connections.set` gives, for `connections.reset`. */
export interface ConnectionToken {
  readonly name: string;
  readonly before: Client | null;
}

/** The connections of one context by name; each is opened on its first use. */
export class ConnectionRegistry {
  readonly #sources: ReadonlyMap<string, DriverSource>;
  readonly #bindings = new Map<string, Binding>();
  #watcher: Watcher | null = null;

  constructor(
    sources: Readonly<Record<string, DriverSource>>,
    /** the time zone whose clocks say which day it is; null: UTC */
    readonly zone: string | null = null,
  ) {
    this.#sources = new Map(Object.entries(sources));
  }

  /** The names of all connections. */
  get names(): string[] {
    return [...this.#sources.keys()];
  }

  /**
   * The connection of this name; inside a transaction of it, the transaction.
   * @example
   * await connections.get("default").executeQuery("SELECT 1");
   */
  get(name: string): Client {
    const client = this.client(name);
    return runningOn(client.connection, currentScope()) ?? client;
  }

  /** Who observes the connections of this context alone. */
  get watcher(): Watcher | null {
    return this.#watcher;
  }

  /** Has every connection observed, those that are yet to be made too; null ends it. */
  watchWith(watcher: Watcher | null): void {
    this.#watcher = watcher;
    for (const { client } of this.#bindings.values()) if (client !== null) client.connection.watcher = watcher;
  }

  /** Every connection, those that were discarded made anew. */
  all(): Client[] {
    return this.names.map((name) => this.client(name));
  }

  /** Puts another client in the place of a connection, until `reset` is given the answer. */
  set(name: string, client: Client): ConnectionToken {
    const binding = this.binding(name);
    const before = binding.client;
    binding.client = client;
    return { name, before };
  }

  /** Takes back what `set` did. */
  reset({ name, before }: ConnectionToken): void {
    this.binding(name).client = before;
  }

  /** Forgets a connection without closing it; the next use makes a new one. */
  discard(name: string): void {
    this.binding(name).client = null;
  }

  /** Closes every connection that was opened. All are closed even when one fails; the first error is thrown. */
  async closeAll({ discard = true }: { readonly discard?: boolean } = {}): Promise<void> {
    const open = [...this.#bindings.values()].filter((binding) => binding.client !== null);
    const outcomes = await Promise.allSettled(open.map((binding) => binding.client!.connection.close()));
    if (discard) for (const binding of open) binding.client = null;
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** The client of this name, whatever transaction may be running. */
  client(name: string): Client {
    const binding = this.binding(name);
    return binding.client ?? this.fill(binding);
  }

  /** The place that models of this connection look at. */
  binding(name: string): Binding {
    let binding = this.#bindings.get(name);
    if (binding === undefined) {
      if (!this.#sources.has(name))
        throw new ConfigurationError(`there is no connection "${name}"`, {
          code: "unknown_connection",
          hint: `known: ${this.names.join(", ")}`,
        });
      binding = { connectionName: name, client: null };
      this.#bindings.set(name, binding);
    }
    return binding;
  }

  /** Makes the connection of an empty place. */
  fill(binding: Binding): Client {
    const made = new Connection(binding.connectionName, this.#sources.get(binding.connectionName)!, this.zone);
    made.watcher = this.#watcher;
    return (binding.client = made);
  }
}
