import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateKey } from "../../api/features/access/hash-key.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { sendRawRequest } from "../support/send-raw-request.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { type MailServer, startMailServer } from "../support/start-mail-server.ts";
import { type Exit, type ReadyService, ServiceProcess } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { OperationsWatcher } from "../support/watch-operations.ts";
import { TellTaleServer } from "./tell-tale-server.ts";

const mark = () => randomBytes(9).toString("hex");
const adminKey = generateKey("admin");
const phone = "+14155550143";
const email = `ada.${mark()}@example.org`;
const cardToken = `tok_1${mark()}`;
const settings = {
  HOLDFAST_ADMIN_KEY: adminKey,
  LOG_LEVEL: "trace",
  DEMO: "1",
  WORKERS_MIN: "1",
  WORKERS_MAX: "1",
  STRIPE_SECRET_KEY: `sk_test_${mark()}`,
  STRIPE_WEBHOOK_SECRET: `whsec_${mark()}`,
  SMS_PROVIDER: "http",
  SMS_ACCOUNT: "AC0",
  SMS_TOKEN: mark(),
  SMS_FROM: "+15005550006",
  WEBHOOKS_ALLOW_PRIVATE: "1",
  DEMO_SUPPLIER_FAILURE_RATE: "0",
};
const mailPassword = mark();

/** Everything that nobody may read, by what it is. */
const secrets = new Map<string, string>([
  ["the admin key", adminKey],
  ["the phone", phone.slice(1)],
  ["the e-mail address", email],
  ["the card", cardToken],
  ["Stripe's key", settings.STRIPE_SECRET_KEY],
  ["Stripe's webhook secret", settings.STRIPE_WEBHOOK_SECRET],
  ["the gateway's token", settings.SMS_TOKEN],
  ["the mail password", mailPassword],
]);

let database: TestDatabase;
let proxy: DatabaseProxy;
let mail: MailServer;
let outside: TellTaleServer;
let dataDir: string;
let service: ServiceProcess;
let ready: ReadyService;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await DatabaseProxy.start(database.connectionString);
  mail = await startMailServer();
  outside = await TellTaleServer.start();
  dataDir = await makeDataDir();
  const { password } = new URL(database.connectionString);
  if (password.length > 10) secrets.set("the database's password", password);
  const mailUrl = new URL(mail.url);
  mailUrl.password = mailPassword;
  service = new ServiceProcess({
    ...settings,
    DATABASE_URL: proxy.connectionString,
    SMTP_URL: mailUrl.href,
    SMS_URL: outside.url,
    DATA_DIR: dataDir,
  });
  ready = await service.ready();
});
afterAll(async () => {
  await Promise.allSettled([mail.close(), outside.close(), proxy.close()]);
  await database.close();
  await removeDataDir(dataDir);
});

interface Said {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(method: string, path: string, as: string | null, body?: unknown): Promise<Said> {
  const idempotencyKey = `key-${mark()}`;
  if (method === "POST") secrets.set(`the idempotency key of ${path}, ${secrets.size}`, idempotencyKey);
  const response = await fetch(ready.url + path, {
    method,
    headers: {
      ...(as !== null && { authorization: `Bearer ${as}` }),
      ...(method === "POST" && { "idempotency-key": idempotencyKey }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
}

/** Makes a secret by a call that shows it once. */
async function make(what: string, path: string, member: string, body: object): Promise<Said> {
  const made = await send("POST", path, adminKey, body);
  const secret = made.body[member];
  if (typeof secret !== "string")
    throw new Error(`${path} answered ${made.status}: ${JSON.stringify(made.body)}`);
  secrets.set(what, secret);
  return made;
}

const signUp = (phoneNumber: string) =>
  send("POST", "/v1/customers", adminKey, {
    request_id: randomUUID(),
    customer: { first_name: "Ada", last_name: "Lovelace", email, phone_number: phoneNumber },
  });

/** Every kind of change once, with every kind of secret. @returns what was answered */
async function useEverything(): Promise<number[]> {
  const event = { name: "Concert", capacity: 10, price_cents: 100 };
  const made = await send("POST", "/v1/events", adminKey, event);
  const cartPath = `/v1/carts/${randomUUID()}`;
  const put = await send("PUT", `${cartPath}/items/${String(made.body["id"])}`, adminKey, { user_id: email });
  const pay = (token: string) =>
    send("POST", `${cartPath}/checkout`, adminKey, { email, payment: { provider: "demo", token } });
  const answers = [
    made,
    put,
    await send("POST", `/v1/events/${String(made.body["id"])}/reservations`, adminKey, { user_id: phone }),
    await pay(cardToken),
    await send("PUT", `${cartPath}/items/${String(made.body["id"])}`, adminKey, { user_id: email }),
    await pay("tok_ok"),
    await signUp("+14155550144"),
    await send("POST", "/v1/api-keys", adminKey, { name: email, role: "service" }),
    await send("POST", "/v1/buyer-tokens", adminKey, { user_id: email }),
    await send("POST", "/v1/webhook-endpoints", adminKey, {
      url: `${outside.url}/hooks/${mark()}`,
      event_types: ["order.paid"],
    }),
  ];
  secrets.set("another phone", "14155550144");
  return answers.map(({ status }) => status);
}

async function sendNonsense(): Promise<number[]> {
  const buyerToken = secrets.get("a buyer's token") ?? "";
  const texts = [...secrets.values()];
  const statuses: number[] = [];
  for (const text of texts) {
    for (const answer of [
      await send("POST", "/v1/customers", adminKey, `{"verification_code":"${text}`),
      await send("POST", "/v1/customers", adminKey, { [text]: text, phone_number: text }),
      await send(
        "GET",
        `/v1/customers/${encodeURIComponent(text)}?key=${encodeURIComponent(text)}`,
        adminKey,
      ),
      await send("GET", "/v1/orders", text.replaceAll(/[^\x21-\x7e]/g, "")),
      await send("GET", "/v1/orders", `${buyerToken}x`),
    ])
      statuses.push(answer.status);
    const raw = await sendRawRequest(
      ready.url,
      `GET / HTTP/1.1\r\nAuthorization: Bearer ${text}\r\nBad line\r\n\r\n`,
    );
    statuses.push(raw.status);
    await fetch(`${ready.opsUrl}/ops/v1/reservations?user_id=${encodeURIComponent(text)}&id=${text}`);
  }
  const forged = await fetch(`${ready.url}/v1/payment-webhooks/stripe`, {
    method: "POST",
    headers: { "stripe-signature": `t=1,v1=${settings.STRIPE_WEBHOOK_SECRET}` },
    body: JSON.stringify({ card: cardToken, email }),
  });
  return [...statuses, forged.status];
}

/** Has the database quote whole rows in its errors, as it does of its own accord in fewer cases. */
async function breakTables(isBroken: boolean): Promise<void> {
  const tables = ["customers", "api_keys", "orders", "webhook_endpoints", "reservations"];
  if (isBroken)
    await database.query(`create function quote_row() returns trigger language plpgsql as $$ begin
      raise exception 'refused %', new using detail = new::text, hint = new::text, errcode = '23514';
      end $$`);
  for (const table of tables)
    await database.query(
      isBroken
        ? `create trigger quote_row before insert on ${table} for each row execute function quote_row()`
        : `drop trigger quote_row on ${table}`,
    );
  if (!isBroken) await database.query("drop function quote_row()");
}

async function makeSecrets(): Promise<void> {
  await make("a service key", "/v1/api-keys", "key", { name: "shop", role: "service" });
  await make("an observer key", "/v1/api-keys", "key", { name: "watch", role: "observer" });
  const revoked = await make("a revoked key", "/v1/api-keys", "key", { name: "old", role: "service" });
  await send("DELETE", `/v1/api-keys/${String(revoked.body["id"])}`, adminKey);
  await make("a buyer's token", "/v1/buyer-tokens", "buyer_token", { user_id: "ada" });
  const url = `${outside.url}/hooks/${mark()}`;
  const endpoint = await make("a webhook's secret", "/v1/webhook-endpoints", "secret", {
    url,
    event_types: ["order.paid"],
  });
  const rotate = `/v1/webhook-endpoints/${String(endpoint.body["id"])}/rotate-secret`;
  await make("a webhook's next secret", rotate, "secret", {});
  secrets.set("a key of nobody", generateKey("service"));
}

/** Signs up while the gateway refuses, and takes part with the code that comes in the end. */
async function verifyPhone(): Promise<void> {
  const customer = (await signUp(phone)).body["customer"] as { readonly id: string };
  await waitFor("the gateway to refuse", () => outside.heard.some((text) => text.includes("Messages.json")));
  outside.isRefusing = false;
  const asked = outside.heard.length;
  const code = await waitFor("a code", () => outside.heard.length > asked && outside.codeFor(phone));
  const path = `/v1/customers/${customer.id}/verify`;
  const wrong = code === "111111" ? "222222" : "111111";
  await send("POST", path, adminKey, { verification_code: wrong });
  expect((await send("POST", path, adminKey, { verification_code: code })).status).toBe(200);
  secrets.set("a verification code", code);
  outside.isRefusing = true;
}

async function readDataFiles(): Promise<string> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join(
    "\n",
  );
}

/** Where a text has one of the secrets, in whatever form. A code of six digits is looked for between other letters. */
function findSecrets(where: string, text: string): string[] {
  return [...secrets].flatMap(([what, secret]) => {
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    ];
    const isFound =
      secret.length > 6
        ? forms.some((form) => text.includes(form))
        : new RegExp(`(?<![\\w.])${secret}(?![\\w.])`).test(text);
    return isFound ? [`${what} is in ${where}`] : [];
  });
}

test(
  "no secret is in any log, in the error feed, in the metrics or in a file, whatever goes wrong",
  { timeout: 120_000 },
  async () => {
    const watch = new OperationsWatcher(ready.opsUrl);
    await makeSecrets();
    await verifyPhone();
    expect(await useEverything()).toEqual([201, 200, 201, 201, 200, 201, 201, 201, 201, 201]);
    const refusals = new Set(await sendNonsense());
    for (const status of [400, 401, 422]) expect(refusals).toContain(status);

    await breakTables(true);
    expect(await useEverything()).toContain(500);
    await breakTables(false);

    proxy.set("cut");
    await waitFor("the outage to be noticed", async () => (await watch.status("/readyz")) === 503);
    expect(new Set(await useEverything())).toContain(503);
    proxy.set("pass");
    await waitFor("the database to be back", async () => (await watch.status("/readyz")) === 200);

    const [pid] = await watch.awaitReady(1);
    process.kill(pid ?? 0, "SIGKILL");
    await waitFor("another worker", async () => {
      const [next] = await watch.readyPids();
      return next !== undefined && next !== pid;
    });
    await useEverything();

    await waitFor("the mail server's refusal to be told", async () =>
      (await watch.errors()).data.some(({ message }) => message.includes("receipt")),
    );
    const paths = [
      "/metrics",
      "/ops/v1/errors",
      "/ops/v1/overview",
      "/ops/v1/series",
      "/ops/v1/workers",
      "/ops/v1/nodes",
    ];
    const pages = await Promise.all(
      paths.map(async (path) => [path, await (await fetch(ready.opsUrl + path)).text()] as const),
    );
    const exit: Exit = await service.end("SIGTERM");
    const kept = await database.query("select * from reported_errors");
    const found = [
      ...pages.flatMap(([path, text]) => findSecrets(path, text)),
      ...findSecrets("stdout", exit.stdout),
      ...findSecrets("stderr", exit.stderr),
      ...findSecrets("the kept errors", JSON.stringify(kept)),
      ...findSecrets("the data directory", await readDataFiles()),
    ];
    expect(found).toEqual([]);
    // What was looked through is not empty: each kind of trouble has left its line.
    const troubles = [
      "A request failed.",
      "23514",
      "database is away",
      "ended by SIGKILL",
      "535",
      "gateway answered",
    ];
    expect(troubles.filter((trouble) => !exit.stderr.includes(trouble))).toEqual([]);
  },
);
