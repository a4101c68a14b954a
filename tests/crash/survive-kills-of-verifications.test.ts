import { afterEach, beforeEach, expect, test } from "vitest";
import { customerCalls } from "../support/customer-calls.ts";
import { createClient } from "../support/http-client.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { awaitCode, otherCode, readSms } from "../support/read-outbox.ts";
import { readPostmasterPid, ServiceProcess, stopLeftDatabase } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";

const phone = "+14155550132";
let dataDir: string;
let service: ServiceProcess;

beforeEach(async () => {
  dataDir = await makeDataDir();
});
afterEach(async () => {
  await service.end("SIGKILL");
  await stopLeftDatabase(dataDir);
  await removeDataDir(dataDir);
});

async function start() {
  service = new ServiceProcess({ DATA_DIR: dataDir, WORKERS_MIN: "2", WORKERS_MAX: "2" });
  const { url, opsUrl, adminKey } = await service.ready();
  return { calls: customerCalls({ send: createClient(url), keys: { service: adminKey } }), opsUrl };
}

/** Kills the supervisor, its workers and the database server, each by its own id. */
async function killEverything(opsUrl: string): Promise<void> {
  const { body } = await createClient(opsUrl)("get", "/ops/v1/workers");
  const workers = (body["data"] as { readonly pid: number }[]).map(({ pid }) => pid);
  const postmaster = await readPostmasterPid(dataDir);
  if (workers.length < 2 || postmaster === null) throw new Error("There is nothing to kill.");
  const dying = service.end("SIGKILL");
  for (const pid of [...workers, postmaster]) process.kill(pid, "SIGKILL");
  expect(await dying).toMatchObject({ signal: "SIGKILL" });
}

test(
  "attempts are counted over a kill -9 of everything: the third wrong code is the last one",
  { timeout: 180_000 },
  async () => {
    const first = await start();
    const id = await first.calls.makeCustomer(phone);
    const code = await awaitCode(dataDir, phone);
    for (const [index, left] of [2, 1].entries())
      expect(await first.calls.verify(id, otherCode(code, index + 1))).toMatchObject({
        status: 200,
        body: { result: "incorrect", attempts_left: left },
      });
    await killEverything(first.opsUrl);

    const { calls } = await start();
    expect(await calls.find(id)).toMatchObject({
      body: { verification: { status: "pending", attempts_left: 1 } },
    });
    const usedUp = { status: 200, body: { result: "max_attempts_reached", attempts_left: 0 } };
    expect(await calls.verify(id, otherCode(code, 3))).toMatchObject(usedUp);
    expect(await calls.verify(id, code)).toMatchObject(usedUp);

    // Half a minute after the first code another may be sent.
    await waitFor("a new code", async () => (await calls.resend(id)).status === 202, 60_000);
    const next = await waitFor(
      "another code than the first",
      async () => {
        const last = (await readSms(dataDir)).at(-1);
        return last !== undefined && !last.text.startsWith(code) && last.text.slice(0, 6);
      },
      20_000,
    );
    expect(await calls.verify(id, next)).toMatchObject({
      status: 200,
      body: { result: "verified", attempts_left: 3, user_id: id },
    });
    expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
  },
);
