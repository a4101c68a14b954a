// @ts-check
// Keeps a file with an observer key that works, for Prometheus to read the metrics with: `node deploy/keep-observer-key.mjs`.
// It makes the key through the API and looks once a minute whether it still opens /metrics, since a key may be
// revoked and a database may be restored from a time before it. Everything it needs to know is in the environment.

import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const apiUrl = process.env["API_URL"] || "http://127.0.0.1:3000";
const operationsUrl = process.env["OPERATIONS_URL"] || "http://127.0.0.1:3001";
const adminKeyFile = process.env["ADMIN_KEY_FILE"] || "/data/admin-key";
const observerKeyFile = process.env["OBSERVER_KEY_FILE"] || "/data/observer-key";
const lookEveryMs = 60_000;
const tryAgainAfterMs = 2_000;
const requestMaxMs = 10_000;

/** Repeated until there is an answer: a reply that was lost must not leave a second key behind. */
let idempotencyKey = randomUUID();

/** @param {string} url @param {RequestInit} [options] */
function request(url, options) {
  return fetch(url, { ...options, signal: AbortSignal.timeout(requestMaxMs) });
}

/** @param {string} file @returns {Promise<string>} Empty when there is none. */
async function readKey(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim();
}

/** @param {string} key @returns {Promise<boolean>} @throws {Error} When it cannot be told now. */
async function opensMetrics(key) {
  if (key === "") return false;
  const response = await request(`${operationsUrl}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  await response.arrayBuffer();
  if (response.ok) return true;
  if (response.status === 401 || response.status === 403) return false;
  throw new Error(`/metrics answers ${response.status}`);
}

/** @returns {Promise<string>} */
async function makeKey() {
  const adminKey = process.env["HOLDFAST_ADMIN_KEY"] || (await readKey(adminKeyFile));
  if (adminKey === "") throw new Error(`there is no admin key in ${adminKeyFile}`);
  const response = await request(`${apiUrl}/v1/api-keys`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify({ name: "prometheus", role: "observer" }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST /v1/api-keys answers ${response.status}: ${text}`);
  /** @type {{ key: string }} */
  const { key } = JSON.parse(text);
  idempotencyKey = randomUUID();
  return key;
}

/** Replaces the file in one step: Prometheus reads it before every scrape. @param {string} key */
async function writeKey(key) {
  const draft = `${observerKeyFile}.new`;
  // Prometheus runs as another user. The volume is mounted in the two containers alone.
  await writeFile(draft, `${key}\n`, { mode: 0o644 });
  await rename(draft, observerKeyFile);
}

/** @param {boolean} isFirst Whether nothing has been said of the key yet. */
async function keepKey(isFirst) {
  if (await opensMetrics(await readKey(observerKeyFile))) {
    if (isFirst) process.stderr.write(`The observer key in ${observerKeyFile} works.\n`);
    return;
  }
  await writeKey(await makeKey());
  process.stderr.write(`A new observer key is in ${observerKeyFile}.\n`);
}

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));

for (let isFirst = true; ;) {
  let pauseMs = lookEveryMs;
  try {
    await keepKey(isFirst);
    isFirst = false;
  } catch (error) {
    pauseMs = tryAgainAfterMs;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    process.stderr.write(`Not yet: ${cause instanceof Error ? cause.message : String(cause)}.\n`);
  }
  await wait(pauseMs);
}
