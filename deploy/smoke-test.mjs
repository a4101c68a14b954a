// @ts-check
// Sells two tickets on a running service and looks at its operations listener:
//   HOLDFAST_ADMIN_KEY=hf_admin_... node deploy/smoke-test.mjs http://127.0.0.1:3000 http://127.0.0.1:3001
// It leaves one small event, one sale and one observer key behind, so run it before a sale, not during one.
// Exits 0 when all is as it should be, otherwise 1 with one sentence.

import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

const [apiUrl = "http://127.0.0.1:3000", operationsUrl = "http://127.0.0.1:3001"] = process.argv.slice(2);
const adminKey = process.env["HOLDFAST_ADMIN_KEY"] ?? "";
const readyMaxMs = 60_000;
const requestMaxMs = 10_000;

/** What is not as it should be, as one sentence. */
class Complaint extends Error {}

/**
 * @param {string} url
 * @param {{ method?: string, key?: string, body?: object, idempotencyKey?: string }} [options]
 */
async function call(url, { method = "GET", key = adminKey, body, idempotencyKey } = {}) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(requestMaxMs),
  });
  const text = await response.text();
  return { status: response.status, text, type: response.headers.get("content-type") ?? "" };
}

/**
 * @param {string} what
 * @param {{ status: number, text: string }} reply
 * @param {number} status
 * @returns {any} The reply's JSON.
 */
function expectStatus(what, reply, status) {
  if (reply.status !== status)
    throw new Complaint(`${what} answers ${reply.status} instead of ${status}: ${reply.text.slice(0, 500)}`);
  process.stdout.write(`${what}: ${status}\n`);
  return reply.text.startsWith("{") ? JSON.parse(reply.text) : null;
}

/** @param {string} url */
async function waitUntilReady(url) {
  const deadlineMs = performance.now() + readyMaxMs;
  for (;;) {
    const reply = await call(`${url}/readyz`, { key: "" }).catch(() => null);
    if (reply?.status === 200) return;
    if (performance.now() > deadlineMs)
      throw new Complaint(
        `${url}/readyz was not 200 within ${readyMaxMs / 1000} s: ${reply?.text ?? "no answer"}`,
      );
    await wait(250);
  }
}

async function sellTwoTickets() {
  const body = { name: "Smoke test", capacity: 2 };
  const event = expectStatus("An event", await call(`${apiUrl}/v1/events`, { method: "POST", body }), 201);
  const holds = `${apiUrl}/v1/events/${event.id}/reservations`;
  /** @param {string} userId @param {string} [idempotencyKey] */
  const hold = (userId, idempotencyKey) =>
    call(holds, { method: "POST", body: { user_id: userId }, ...(idempotencyKey ? { idempotencyKey } : {}) });
  const key = randomUUID();
  const first = expectStatus("A hold", await hold("ada", key), 201);
  const again = expectStatus("The same request again", await hold("ada", key), 201);
  if (again.id !== first.id) throw new Complaint("The same request made a second hold.");
  expectStatus("A second hold for the same person", await hold("ada"), 409);
  expectStatus("A hold for another", await hold("grace"), 201);
  expectStatus("A hold when none is left", await hold("edsger"), 409);
  const confirm = `${apiUrl}/v1/reservations/${first.id}/confirm`;
  expectStatus("A sale", await call(confirm, { method: "POST" }), 200);
  const { available, held, sold } = JSON.parse((await call(`${apiUrl}/v1/events/${event.id}`)).text);
  if (available !== 0 || held !== 1 || sold !== 1)
    throw new Complaint(
      `Of 2 tickets, ${available} are free, ${held} held and ${sold} sold instead of 0, 1 and 1.`,
    );
}

async function lookAtOperations() {
  const page = await call(`${operationsUrl}/`, { key: "" });
  expectStatus("The dashboard", page, 200);
  if (!page.type.startsWith("text/html")) throw new Complaint(`The dashboard is ${page.type}, not HTML.`);
  const body = { name: "smoke test", role: "observer" };
  const made = expectStatus(
    "An observer key",
    await call(`${apiUrl}/v1/api-keys`, { method: "POST", body }),
    201,
  );
  const metrics = await call(`${operationsUrl}/metrics`, { key: made.key });
  expectStatus("The metrics, with the observer key", metrics, 200);
  if (!metrics.text.includes("holdfast_build_info"))
    throw new Complaint("The metrics lack holdfast_build_info.");
  expectStatus("The overview", await call(`${operationsUrl}/ops/v1/overview`, { key: made.key }), 200);
  const event = { name: "Not allowed", capacity: 1 };
  const refused = await call(`${apiUrl}/v1/events`, { method: "POST", key: made.key, body: event });
  expectStatus("An event by the observer key", refused, 403);
}

try {
  if (adminKey === "") throw new Complaint("Set HOLDFAST_ADMIN_KEY to the admin key.");
  await waitUntilReady(apiUrl);
  await waitUntilReady(operationsUrl);
  await sellTwoTickets();
  await lookAtOperations();
  process.stdout.write("All is as it should be.\n");
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
}
