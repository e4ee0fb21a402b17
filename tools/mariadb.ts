import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";

/** A MariaDB of our own: nobody else knows its socket, its port and its data. */
export interface PrivateServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** What MySQL 8 has by default; MariaDB's own list is shorter. */
const SQL_MODE =
  "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/** A folder that lies in memory, where there is one: a table is made there in 3 ms, and in 50 on a disk. */
export const memoryFolder = (): string => (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/** Installs MariaDB's server where it is missing and can be installed; says what to do where not. */
export function ensureMariadb(): void {
  if (installed()) return;
  const advice = "install the package mariadb-server-core, or set TEST_MYSQL_URL to the URL of another server";
  if (spawnSync("apt-get", ["--version"]).error !== undefined)
    throw new Error(`the tests of MySQL need the program mariadbd, and apt-get is not here to install it: ${advice}`);
  const apt = (...args: string[]): number | null =>
    spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-qq", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status;
  const install = (): number | null => apt("install", "-y", "--no-install-recommends", "mariadb-server-core");
  if (install() !== 0) {
    apt("update");
    install();
  }
  if (!installed())
    throw new Error(`the tests of MySQL need the program mariadbd, and apt-get could not install it: ${advice}`);
}

function installed(): boolean {
  const { error } = spawnSync("mariadbd", ["--version"]);
  return error === undefined;
}

/**
 * Starts a server in a folder of its own. It ends with this process or with `owner`, whatever happens to them.
 * `durable`: what is committed survives `kill`.
 */
export async function startMariadb({
  durable = false,
  folder = mkdtempSync(join(durable ? tmpdir() : memoryFolder(), "terrapin-mariadb-")),
  owner = process.pid,
}: {
  readonly folder?: string;
  readonly owner?: number;
  readonly durable?: boolean;
} = {}): Promise<PrivateServer> {
  ensureMariadb();
  mkdirSync(folder, { recursive: true });
  const data = join(folder, "data");
  const root = process.getuid?.() === 0 ? ["--user=root"] : [];
  mkdirSync(data, { recursive: true });
  // What mariadb-install-db feeds to the server, without its help texts; the script itself needs a tool of the client package.
  const made = spawnSync("mariadbd", ["--no-defaults", ...root, `--datadir=${data}`, "--bootstrap"], {
    encoding: "utf8",
    input: [
      "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n",
      ...["system_tables", "performance_tables", "system_tables_data"].map((name) =>
        readFileSync(`/usr/share/mysql/mysql_${name}.sql`, "utf8"),
      ),
    ].join(""),
  });
  if (made.status !== 0) throw new Error(`mariadbd could not make its system tables: ${made.stdout}${made.stderr}`);
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/`;
  const log = join(folder, "server.log");
  const pidFile = join(folder, "pid");
  const options = [
    "--no-defaults",
    ...root,
    `--datadir=${data}`,
    `--socket=${join(folder, "s.sock")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--pid-file=${pidFile}`,
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    `--sql-mode=${SQL_MODE}`,
    `--innodb-flush-log-at-trx-commit=${durable ? 1 : 0}`,
    `--innodb-doublewrite=${durable ? 1 : 0}`,
    "--skip-log-bin",
    "--performance-schema=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--max-connections=400",
  ];

  let pid = 0;
  const alive = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const start = async (): Promise<void> => {
    rmSync(pidFile, { force: true });
    const out = openSync(log, "a");
    spawn("mariadbd", options, { detached: true, stdio: ["ignore", out, out] }).unref();
    for (let i = 0; i < 600; i++) {
      if (existsSync(pidFile) && (await answers(url))) {
        pid = Number(readFileSync(pidFile, "utf8"));
        watch(owner, pid, folder);
        return;
      }
      await sleep(50);
    }
    throw new Error(`mariadbd did not start within 30 s:\n${readFileSync(log, "utf8").slice(-2000)}`);
  };
  const kill = async (): Promise<void> => {
    if (alive()) process.kill(pid, "SIGKILL");
    for (let i = 0; i < 200 && alive(); i++) await sleep(25);
  };
  await start();
  return {
    url,
    port,
    get pid() {
      return pid;
    },
    kill,
    start,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A test run that is itself killed must leave no server behind. */
function watch(owner: number, pid: number, folder: string): void {
  const script = `while kill -0 ${owner} 2>/dev/null; do kill -0 ${pid} 2>/dev/null || exit 0; sleep 1; done; kill -9 ${pid} 2>/dev/null; rm -rf "$1"`;
  spawn("sh", ["-c", script, "sh", folder], { detached: true, stdio: "ignore" }).unref();
}

async function answers(url: string): Promise<boolean> {
  try {
    const connection = await createConnection(url);
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/**
 * The one server of a test run, started by whoever needs it first. `folder` is the run's own, where the processes of
 * the run find each other; `owner` is the process whose end is the end of the run.
 */
export async function sharedMariadb(folder: string, owner: number): Promise<string> {
  const found = join(folder, "url");
  const lock = join(folder, "starting");
  try {
    mkdirSync(lock);
  } catch {
    for (let i = 0; i < 2400; i++) {
      if (existsSync(found)) return readFileSync(found, "utf8");
      if (existsSync(join(folder, "failed"))) throw new Error(readFileSync(join(folder, "failed"), "utf8"));
      await sleep(25);
    }
    throw new Error("another process of this test run did not get MariaDB started within a minute");
  }
  try {
    const server = await startMariadb({ folder: join(folder, "server"), owner });
    writeFileSync(join(folder, "server-pid"), String(server.pid));
    writeFileSync(`${found}.new`, server.url);
    // Whole or not at all: others read it at any moment.
    renameSync(`${found}.new`, found);
    return server.url;
  } catch (error) {
    writeFileSync(join(folder, "failed"), (error as Error).message);
    throw error;
  }
}

/** Ends what `sharedMariadb` started, if anybody did, and removes the folder. */
export function stopSharedMariadb(folder: string): void {
  const file = join(folder, "server-pid");
  try {
    if (existsSync(file)) process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  } catch {
    // It has ended by itself.
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
