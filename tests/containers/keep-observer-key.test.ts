import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitFor } from "../support/wait-for.ts";

const script = resolve(import.meta.dirname, "../../deploy/keep-observer-key.mjs");
const adminKey = "hf_admin_for_this_test";

/** The two calls that the keeper makes, with keys that can be revoked and answers that can be lost. */
class Service {
  /** The live observer keys, by the idempotency key of the request that made them. */
  readonly keys = new Map<string, string>();
  loseNextAnswer = false;
  isUp = true;
  readonly #server = createServer((request, response) => {
    if (!this.isUp) return response.writeHead(503).end();
    const made = this.#answer(request);
    if (made === null) return response.writeHead(401).end();
    if (this.loseNextAnswer && request.method === "POST") {
      this.loseNextAnswer = false;
      return request.socket.destroy();
    }
    return response.writeHead(request.method === "POST" ? 201 : 200).end(made);
  });

  #answer({ method, url, headers }: IncomingMessage): string | null {
    const key = headers.authorization?.replace("Bearer ", "") ?? "";
    if (url === "/metrics") return [...this.keys.values()].includes(key) ? "# no metrics" : null;
    if (method !== "POST" || url !== "/v1/api-keys" || key !== adminKey) return null;
    const id = String(headers["idempotency-key"]);
    const made = this.keys.get(id) ?? `hf_observer_${this.keys.size}_${id}`;
    this.keys.set(id, made);
    return JSON.stringify({ key: made });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let folder: string;
let service: Service;
let url: string;
let keeper: ChildProcess | null = null;
let said = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-observer-"));
  await writeFile(join(folder, "admin-key"), `${adminKey}\n`);
  service = new Service();
  url = await service.start();
});

afterEach(async () => {
  keeper?.kill("SIGKILL");
  service.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(): void {
  said = "";
  const env = {
    API_URL: url,
    OPERATIONS_URL: url,
    ADMIN_KEY_FILE: join(folder, "admin-key"),
    OBSERVER_KEY_FILE: join(folder, "observer-key"),
  };
  keeper = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "pipe"] });
  keeper.stderr?.on("data", (text) => (said += text));
}

const untilSaid = (text: string) => waitFor(`"${text}"`, () => said.includes(text));
const readKey = async () => (await readFile(join(folder, "observer-key"), "utf8")).trim();

async function stop(): Promise<void> {
  if (keeper === null) throw new Error("Nothing was started.");
  keeper.kill("SIGTERM");
  expect((await once(keeper, "exit"))[0]).toBe(0);
}

test("makes a key once, and finds it again at the next start", async () => {
  start();
  await untilSaid("A new observer key");
  const key = await readKey();
  expect([...service.keys.values()]).toEqual([key]);
  await stop();
  start();
  await untilSaid("works");
  await stop();
  expect(await readKey()).toBe(key);
  expect(service.keys.size).toBe(1);
});

test("makes another key when the one it has was revoked", async () => {
  await writeFile(join(folder, "observer-key"), "hf_observer_revoked\n");
  start();
  await untilSaid("A new observer key");
  await stop();
  expect([...service.keys.values()]).toEqual([await readKey()]);
});

test("waits for a service that is away, and throws no good key away meanwhile", async () => {
  await writeFile(join(folder, "observer-key"), "hf_observer_good\n");
  service.keys.set("before", "hf_observer_good");
  service.isUp = false;
  start();
  await untilSaid("Not yet: /metrics answers 503.");
  service.isUp = true;
  await untilSaid("works");
  await stop();
  expect(await readKey()).toBe("hf_observer_good");
});

test("makes no second key when the answer to its request was lost", async () => {
  service.loseNextAnswer = true;
  start();
  await untilSaid("A new observer key");
  await stop();
  expect(said).toMatch(/^Not yet: /);
  expect([...service.keys.values()]).toEqual([await readKey()]);
});

test("says that there is no admin key", async () => {
  await rm(join(folder, "admin-key"));
  start();
  await untilSaid("Not yet: there is no admin key in ");
  await stop();
  expect(service.keys.size).toBe(0);
});
