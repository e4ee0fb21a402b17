import type { Driver, MaybePromise, Result, Session } from "../../core/connection/driver.js";

/** The same driver, answering with promises as one behind a network does. What it cannot do is left out. */
export function later(driver: Driver, without: readonly ("batch" | "stream" | "script" | "introspect")[] = []): Driver {
  const wrapped = new WeakMap<object, object>();
  const wrap = (session: Session): Session => {
    const made: Session = {
      run: (sql, params, named) => soon(() => session.run(sql, params, named)),
      commit: () => soon(() => session.commit()),
      rollback: () => soon(() => session.rollback()),
      begin: () => soon(() => session.begin()).then(wrap),
    };
    if (session.script !== undefined) made.script = (sql) => soon(() => session.script!(sql));
    wrapped.set(session, made);
    return made;
  };
  const made: Driver = {
    dialect: driver.dialect,
    limits: driver.limits,
    label: driver.label ?? "later",
    facts: driver.facts ?? {},
    run: (sql, params, named): Promise<Result> => soon(() => driver.run(sql, params, named)),
    close: () => driver.close(),
    toError: (error, sql) => driver.toError(error, sql),
    begin: (options) => soon(() => driver.begin!(options)).then(wrap),
    attach: (isInside) => driver.attach?.((holder) => isInside(wrapped.get(holder) ?? holder)),
    batch: (statements) => soon(() => driver.batch!(statements)),
    script: (sql) => soon(() => driver.script!(sql)),
    introspect: () => soon(() => driver.introspect!()),
    async *stream(sql, params) {
      yield* driver.stream!(sql, params);
    },
  };
  for (const name of without) delete made[name];
  return made;
}

function soon<T>(work: () => MaybePromise<T>): Promise<T> {
  return Promise.resolve().then(work);
}
