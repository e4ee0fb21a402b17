import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigurationError, ParamsError } from "../../../core/base/errors.js";
import { inTransaction } from "../../../core/connection/atomic.js";
import { Connection } from "../../../core/connection/connection.js";
import {
  Context,
  currentContext,
  resolveClient,
  setAsyncStore,
  setDefaultContext,
  type Scope,
} from "../../../core/connection/context.js";
import { ConnectionRegistry } from "../../../core/connection/registry.js";
import { mock } from "../../../core/testing/mock.js";
import { sqliteDialect as dialect } from "../../../drivers/sqlite/dialect.js";

const User = { label: "models.User" };
const Order = { label: "models.Order" };

function context(): Context {
  const made = new Context(new ConnectionRegistry({ default: mock({ dialect }), other: () => mock({ dialect }) }));
  made.bind(User, "default");
  made.bind(Order, "other");
  return made;
}

afterEach(() => {
  setDefaultContext(null);
  setAsyncStore(null);
});

describe("resolveClient", () => {
  it("takes a handle as it is, a name from the context, and the model's own connection otherwise", () => {
    const made = context();
    setDefaultContext(made);
    const handle = new Connection("mine", mock({ dialect }));
    expect(resolveClient(User, handle)).toBe(handle);
    expect(resolveClient(User, "other")).toBe(made.connections.client("other"));
    expect(resolveClient(User, null)).toBe(made.connections.client("default"));
    expect(resolveClient(Order, undefined)).toBe(made.connections.client("other"));
  });

  it("needs a context only for what is not a handle", () => {
    const handle = new Connection("mine", mock({ dialect }));
    expect(resolveClient(User, handle)).toBe(handle);
    expect(() => resolveClient(User, null)).toThrow(/models.User was used before Terrapin was initialised/);
    expect(() => resolveClient(User, "default")).toThrow(ConfigurationError);
  });

  it("names the model that is not registered, and those that are", () => {
    setDefaultContext(context());
    expect(() => resolveClient({ name: "Ghost" }, null)).toThrow(/Ghost .*models.User, models.Order/);
  });

  it("lists the connections when a name is unknown, and refuses what is no connection", () => {
    setDefaultContext(context());
    expect(() => resolveClient(User, "defualt")).toThrow(/default, other/);
    expect(() => resolveClient(User, 7 as never)).toThrow(ParamsError);
    expect(() => resolveClient(User, { executeQuery() {} } as never)).toThrow(ParamsError);
  });

  it("prefers the context of run, nested ones first, and comes back after it", async () => {
    setAsyncStore(new AsyncLocalStorage<Scope>());
    const [first, second, third] = [context(), context(), context()];
    setDefaultContext(first);
    await second.run(async () => {
      await Promise.resolve();
      expect(currentContext()).toBe(second);
      third.run(() => expect(resolveClient(User, null)).toBe(third.connections.client("default")));
      expect(resolveClient(User, null)).toBe(second.connections.client("default"));
    });
    expect(currentContext()).toBe(first);
  });

  it("finds the transaction of the model's connection by model and by name", async () => {
    setAsyncStore(new AsyncLocalStorage<Scope>());
    const made = context();
    setDefaultContext(made);
    await inTransaction(
      async (tx) => {
        expect(resolveClient(User, null)).toBe(tx);
        expect(resolveClient(User, "default")).toBe(tx);
        expect(made.connections.get("default")).toBe(tx);
        expect(resolveClient(Order, null)).toBe(made.connections.client("other"));
        expect(resolveClient(User, made.connections.client("default"))).toBe(made.connections.client("default"));
      },
      { connection: "default" },
    );
    expect(resolveClient(User, null).isTransaction).toBe(false);
  });

  it("cannot run in a context without an async store, and says how", () => {
    expect(() => context().run(() => 1)).toThrow(/terrapin\/async-context/);
  });
});

describe("ConnectionRegistry", () => {
  it("makes connections on first use and gives the same one again", () => {
    const { connections } = context();
    expect(connections.names).toEqual(["default", "other"]);
    expect(connections.get("default")).toBe(connections.get("default"));
    expect(connections.all().map(({ connectionName }) => connectionName)).toEqual(["default", "other"]);
    expect(() => connections.get("nope")).toThrow(ConfigurationError);
  });

  it("puts another client in a connection's place for all models, until reset", () => {
    const made = context();
    setDefaultContext(made);
    const before = resolveClient(User, null);
    const other = new Connection("default", mock({ dialect }));
    const token = made.connections.set("default", other);
    expect(resolveClient(User, null)).toBe(other);
    made.connections.reset(token);
    expect(resolveClient(User, null)).toBe(before);
  });

  it("forgets a connection without closing it", () => {
    const driver = mock({ dialect });
    const connections = new ConnectionRegistry({ default: driver });
    const before = connections.get("default");
    connections.discard("default");
    expect(connections.get("default")).not.toBe(before);
    expect(driver.closed).toBe(false);
  });

  it("closes all, those after a failing one too, and throws the first error", async () => {
    const bad = mock({ dialect });
    bad.close = () => {
      throw new Error("stuck");
    };
    const good = mock({ dialect });
    const connections = new ConnectionRegistry({
      bad,
      good,
      unused: () => {
        throw new Error("never made");
      },
    });
    await connections.get("bad").executeQuery("SELECT 1");
    await connections.get("good").executeQuery("SELECT 1");
    await expect(connections.closeAll()).rejects.toThrow("stuck");
    expect(good.closed).toBe(true);
  });

  it("keeps the connections when closeAll is told not to discard them", async () => {
    const connections = new ConnectionRegistry({ default: mock({ dialect }) });
    const before = connections.get("default");
    await connections.closeAll({ discard: false });
    expect(connections.get("default")).toBe(before);
    await connections.closeAll();
    expect(connections.get("default")).not.toBe(before);
  });
});
