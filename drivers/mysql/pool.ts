import { DBConnectionError, LimitError, TimeoutError, TransactionManagementError } from "../../core/base/errors.js";
import type { MaybePromise, Origin } from "../../core/connection/driver.js";
import { firstLine } from "../../core/connection/fifo.js";
import type { Wire } from "./wire.js";

/** Where a pool's connections come from, and where they go. */
export interface WireSource {
  open(): Promise<Wire>;
  /** the connection is in order and not needed any more */
  end(wire: Wire): Promise<void>;
}

/** How a pool behaves; times in milliseconds. */
export interface PoolSettings {
  /** what is waited for, for messages: `mysql://host:3306/shop` */
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** statements after which a connection is replaced */
  readonly maxQueries: number;
  /** age at which a connection is replaced */
  readonly maxLifetime: number;
  /** idle time after which a connection beyond `minSize` is closed */
  readonly idleTimeout: number;
  /** idle time after which a connection is asked whether it still answers */
  readonly validateAfter: number;
  readonly acquireTimeout: number;
  /** how many may wait */
  readonly maxWaiting: number;
  /** time that `close` leaves to what is running */
  readonly closeTimeout: number;
  /** false: a connection without work goes back at once to where it came from */
  readonly keepIdle: boolean;
  /** does the code that is calling now run inside this holder? */
  readonly isInside: (holder: object) => boolean;
}

/** What a pool has done and holds, for people and monitors. */
export interface PoolCounters {
  /** connections that are open, or being opened */
  readonly size: number;
  readonly idle: number;
  readonly busy: number;
  /** callers that wait for a connection */
  readonly waiting: number;
  /** since the program began */
  readonly opened: number;
  readonly closed: number;
  readonly acquired: number;
  /** connections that ended without being asked to */
  readonly lost: number;
  readonly timeouts: number;
  /** statements that were given to another connection because they had not been sent */
  readonly resent: number;
}

/** Who has a connection: a transaction or a lease with the line that began it, or one statement. */
interface Hold {
  holder: object | null;
  readonly origin: Origin | null;
  readonly since: number;
}

interface Waiter {
  readonly origin: Origin | null;
  readonly resolve: (wire: Wire) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout> | null;
  /** takes the listener off its signal */
  readonly unlisten: (() => void) | null;
}

/**
 * Connections to one server. They are opened when they are needed, served in the order of asking, and replaced when they
 * are old, worn out or lost. A pool without work keeps no process alive.
 */
export class Pool {
  readonly #idle: Wire[] = [];
  readonly #busy = new Map<Wire, Hold>();
  /** connections on their way, each for the first of those who wait */
  #coming = 0;
  readonly #waiting: Waiter[] = [];
  #closing: Promise<void> | null = null;
  #whenQuiet: (() => void) | null = null;
  #sweeper: ReturnType<typeof setInterval> | null = null;
  /** Runs while the server takes no more connections than there are. */
  #full: ReturnType<typeof setTimeout> | null = null;
  /** connections can be had, and the minimum of them is kept */
  #warm = false;
  #opened = 0;
  #closed = 0;
  #acquired = 0;
  #lost = 0;
  #timeouts = 0;
  #resent = 0;

  constructor(
    readonly settings: PoolSettings,
    readonly source: WireSource,
    /** no connection could be opened because there are as many as the server allows */
    readonly isFull: (error: unknown) => boolean,
  ) {}

  get counters(): PoolCounters {
    return {
      size: this.#size,
      idle: this.#idle.length,
      busy: this.#busy.size,
      waiting: this.#waiting.length,
      opened: this.#opened,
      closed: this.#closed,
      acquired: this.#acquired,
      lost: this.#lost,
      timeouts: this.#timeouts,
      resent: this.#resent,
    };
  }

  /**
   * A connection that nobody else has until it is released: at once where one is idle. `origin`: the line that asks, when
   * it keeps the connection for longer than a statement.
   */
  acquire(origin: Origin | null, signal: AbortSignal | null = null): MaybePromise<Wire> {
    if (this.#closing === null && this.#waiting.length === 0 && signal === null) {
      const wire = this.#idle.at(-1);
      if (wire !== undefined && !this.#isStale(wire)) {
        this.#idle.pop();
        return this.#hold(wire, origin);
      }
    }
    return this.#wait(origin, signal);
  }

  /** Names who has a connection, so that waiting for oneself is seen. */
  heldBy(wire: Wire, holder: object): void {
    const hold = this.#busy.get(wire);
    if (hold !== undefined) hold.holder = holder;
  }

  /** Gives a connection back. */
  release(wire: Wire): void {
    if (!this.#busy.delete(wire)) return;
    if (wire.spoiled) wire.destroy(null);
    if (wire.lost !== null) this.#closed++;
    else if (this.#isWorn(wire)) this.#retire(wire);
    else this.#give(wire);
    this.#serve();
    this.#fill();
  }

  /** Counts a statement that another connection has to take. */
  resent(): void {
    this.#resent++;
  }

  /** Opens the connections that are kept without work. */
  async warm(): Promise<void> {
    const count = Math.max(1, this.settings.minSize);
    const wires = await Promise.all(Array.from({ length: count }, async () => this.acquire(null)));
    for (const wire of wires) this.release(wire);
  }

  /**
   * Waits until everything that was begun is done, and closes all connections. What is not done in time, and the
   * transactions that the caller itself runs in, are ended. The next use opens new ones.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = null;
      this.#warm = false;
    });
    return this.#closing;
  }

  get #size(): number {
    return this.#idle.length + this.#busy.size + this.#coming;
  }

  #hold(wire: Wire, origin: Origin | null): Wire {
    wire.raw.stream.ref?.();
    this.#acquired++;
    this.#busy.set(wire, { holder: null, origin, since: Date.now() });
    return wire;
  }

  #wait(origin: Origin | null, signal: AbortSignal | null): Promise<Wire> {
    const refused = this.#refusal(signal);
    if (refused !== null) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      const { acquireTimeout } = this.settings;
      const giveUp = (error: () => unknown): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        settle(waiter);
        reject(error() as Error);
        this.#checkQuiet();
      };
      const onAbort = (): void => giveUp(() => signal!.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      const waiter: Waiter = {
        origin,
        resolve,
        reject,
        timer: acquireTimeout === Infinity ? null : setTimeout(() => giveUp(() => this.#timedOut()), acquireTimeout),
        unlisten: signal === null ? null : () => signal.removeEventListener("abort", onAbort),
      };
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  /** Why nobody may begin to wait now; null when it makes sense. */
  #refusal(signal: AbortSignal | null): unknown {
    const { name, maxWaiting, maxSize, isInside } = this.settings;
    if (signal?.aborted === true) return signal.reason;
    if (this.#closing !== null)
      return new DBConnectionError(`the connections to ${name} are being closed`, {
        code: "closing",
        hint: "await what is running before closing",
      });
    const free = maxSize - this.#busy.size;
    if (this.#waiting.length - free >= maxWaiting)
      return new LimitError(`${this.#waiting.length} callers wait for a connection to ${name} already`, {
        code: "too_many_waiting",
        hint: "answer fewer requests at once, or raise maxSize or maxWaiting",
      });
    if (free > 0) return null;
    for (const { holder } of this.#busy.values()) if (holder === null || !isInside(holder)) return null;
    return new TransactionManagementError(
      `all connections to ${name} are held by the transactions that this call runs in; waiting for one would never end`,
      {
        code: "waits_for_itself",
        hint: "use the innermost transaction's handle, leave usingDb out so that it is found, or raise maxSize",
      },
    );
  }

  /** Sends for as many connections as there are callers waiting, and hands out those that are idle. */
  #serve(): void {
    while (this.#waiting.length > this.#coming) {
      const idle = this.#idle.pop();
      if (idle !== undefined) {
        if (this.#isStale(idle)) this.#validate(idle);
        else this.#give(idle);
      } else if (this.#size < this.settings.maxSize && this.#full === null) {
        void this.#open();
      } else {
        return;
      }
    }
    this.#checkQuiet();
  }

  #validate(wire: Wire): void {
    this.#coming++;
    void wire.ping().then((answers) => {
      this.#coming--;
      if (answers) this.#give(wire);
      else {
        this.#closed++;
        wire.destroy(null);
      }
      this.#serve();
    });
  }

  async #open(): Promise<void> {
    this.#coming++;
    try {
      const wire = await this.source.open();
      this.#opened++;
      this.#coming--;
      wire.onLost(this.#onLost);
      this.#give(wire);
      this.#warm = this.#closing === null;
      this.#fill();
    } catch (error) {
      this.#coming--;
      // What waits for work can wait for a server that takes connections again.
      this.#warm = false;
      if (this.#busy.size > 0 && this.isFull(error)) return this.#openLater();
      const first = this.#waiting.shift();
      if (first !== undefined) {
        settle(first);
        first.reject(error);
      }
    }
    this.#serve();
  }

  /** Whoever waits is served by the connections that there are; after a while more are tried. */
  #openLater(): void {
    this.#full ??= setTimeout(() => {
      this.#full = null;
      this.#serve();
    }, FULL);
  }

  /** To the first who waits, or to those that wait for work. */
  #give(wire: Wire): void {
    const first = this.#waiting.shift();
    if (first !== undefined) {
      settle(first);
      return first.resolve(this.#hold(wire, first.origin));
    }
    wire.idleSince = Date.now();
    if (this.settings.keepIdle) {
      wire.raw.stream.unref?.();
      this.#idle.push(wire);
      this.#sweepLater();
    } else {
      this.#retire(wire);
    }
    this.#checkQuiet();
  }

  /** Opens what is missing of the minimum. */
  #fill(): void {
    if (!this.#warm || this.#closing !== null) return;
    for (let missing = this.settings.minSize - this.#size; missing > 0; missing--) void this.#open();
  }

  #retire(wire: Wire): void {
    this.#closed++;
    void this.source.end(wire);
  }

  readonly #onLost = (wire: Wire): void => {
    this.#lost++;
    const at = this.#idle.indexOf(wire);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#closed++;
  };

  #isWorn(wire: Wire): boolean {
    const { maxQueries, maxLifetime } = this.settings;
    return wire.count >= maxQueries || (maxLifetime !== Infinity && Date.now() - wire.bornAt >= maxLifetime);
  }

  #isStale(wire: Wire): boolean {
    const { validateAfter } = this.settings;
    return validateAfter !== Infinity && Date.now() - wire.idleSince > validateAfter;
  }

  /** Closes what was idle for too long, as long as there is something idle. */
  #sweepLater(): void {
    const { idleTimeout, maxLifetime } = this.settings;
    const every = Math.min(idleTimeout, maxLifetime) / 2;
    if (this.#sweeper !== null || every === Infinity) return;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(Math.max(every, 10), 30_000));
    (this.#sweeper as { unref?: () => void }).unref?.();
  }

  #sweep(): void {
    const { idleTimeout, minSize } = this.settings;
    const now = Date.now();
    // The least used stand first.
    for (let i = 0; i < this.#idle.length; i++) {
      const wire = this.#idle[i]!;
      const unused = now - wire.idleSince >= idleTimeout && this.#size > minSize;
      if (!unused && !this.#isWorn(wire)) continue;
      this.#idle.splice(i--, 1);
      this.#retire(wire);
    }
    if (this.#idle.length === 0) this.#stopSweeping();
    this.#fill();
  }

  #stopSweeping(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    this.#sweeper = null;
  }

  #checkQuiet(): void {
    if (this.#whenQuiet !== null && this.#busy.size + this.#coming + this.#waiting.length === 0) this.#whenQuiet();
  }

  async #close(): Promise<void> {
    const { closeTimeout, isInside, name } = this.settings;
    const error = new DBConnectionError(`the connection to ${name} was closed`, {
      hint: "await what is running before closing",
    });
    const end = (wire: Wire): void => {
      this.#busy.delete(wire);
      this.#closed++;
      wire.interrupt();
      wire.destroy(error);
    };
    for (const [wire, { holder }] of this.#busy) if (holder !== null && isInside(holder)) end(wire);
    let timer: ReturnType<typeof setTimeout> | null = null;
    await new Promise<void>((resolve) => {
      this.#whenQuiet = resolve;
      if (closeTimeout !== Infinity) timer = setTimeout(resolve, closeTimeout);
      this.#checkQuiet();
    });
    this.#whenQuiet = null;
    if (timer !== null) clearTimeout(timer);
    for (const waiter of this.#waiting.splice(0)) {
      settle(waiter);
      waiter.reject(error);
    }
    for (const wire of this.#busy.keys()) end(wire);
    this.#stopSweeping();
    if (this.#full !== null) clearTimeout(this.#full);
    this.#full = null;
    const idle = this.#idle.splice(0);
    this.#closed += idle.length;
    await Promise.all(idle.map((wire) => this.source.end(wire)));
  }

  #timedOut(): TimeoutError {
    const { acquireTimeout, name, maxSize } = this.settings;
    this.#timeouts++;
    const what = `waited ${acquireTimeout} ms for a connection to ${name}`;
    if (this.#busy.size < maxSize)
      return new TimeoutError(`${what}, and none could be opened in that time`, {
        code: "acquire_timeout",
        hint: "see whether the server takes connections, or raise acquireTimeout",
      });
    let oldest: [Wire, Hold] | null = null;
    for (const entry of this.#busy) if (oldest === null || entry[1].since < oldest[1].since) oldest = entry;
    const [wire, { origin, since }] = oldest!;
    const line = firstLine(origin);
    const who = line !== null ? `what began ${line}` : wire.running === null ? null : `the statement ${wire.running}`;
    return new TimeoutError(
      `${what}: all ${maxSize} are in use${who === null ? "" : `, the longest for ${Date.now() - since} ms by ${who}`}`,
      { code: "acquire_timeout", hint: "finish that sooner, or raise maxSize or acquireTimeout" },
    );
  }
}

/** Milliseconds before a server that took no more connections is asked again. */
const FULL = 500;

function settle({ timer, unlisten }: Waiter): void {
  if (timer !== null) clearTimeout(timer);
  unlisten?.();
}
