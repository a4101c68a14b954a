// @ts-check
// Attacks the compose stack while a rehearsed sale runs on it, and judges what is left:
//   node chaos/containers/run.mjs [--scenario NAME] [--faults N] [--pause SECONDS] [--json FILE]
// It needs a container engine, this checkout with its packages installed, and nothing else. The stack is started when it
// does not run, and keeps running. The rehearsal makes an event and buys its tickets: never run it on a real shop.
// Exits 0 when every promise was kept, 3 when one was broken, 1 when that could not be found out.

import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { compose, docker, start } from "./run-docker.mjs";
import { listScenarios, scenarios } from "./scenarios.mjs";

const exitCode = { ok: 0, unknown: 1, usage: 2, broken: 3 };
/** After the last fault everything must be well again within this time. */
const recoveryMaxMs = 30_000;
const projectFolder = resolve(import.meta.dirname, "../..");
const apiUrl = `http://127.0.0.1:${process.env["HOLDFAST_PORT"] || "3000"}`;
const opsUrl = `http://127.0.0.1:${process.env["HOLDFAST_OPS_PORT"] || "3001"}`;

/** What keeps a run from a verdict, as one sentence. */
class Unknown extends Error {}

/** @typedef {{ scenario: string, recovery_ms: number | null }} Fault */

/** @param {string | undefined} text @param {number} least @param {number} most @param {string} flag */
function readNumber(text, least, most, flag) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  process.stderr.write(`${flag} must be a whole number from ${least} to ${most}.\n`);
  process.exit(exitCode.usage);
}

function readOptions() {
  const options = /** @type {const} */ ({
    scenario: { type: "string", default: "all" },
    faults: { type: "string", default: "3" },
    pause: { type: "string", default: "5" },
    buyers: { type: "string", default: "6000" },
    rate: { type: "string", default: "60" },
    seed: { type: "string", default: String(randomInt(1_000_000)) },
    json: { type: "string" },
  });
  /** @type {ReturnType<typeof parseArgs<{ options: typeof options }>>["values"]} */
  let values;
  try {
    values = parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(exitCode.usage);
  }
  const chosen = values.scenario === "all" ? listScenarios() : [values.scenario];
  if (chosen.some((name) => !listScenarios().includes(name))) {
    process.stderr.write(`--scenario must be all or one of ${listScenarios().join(", ")}.\n`);
    process.exit(exitCode.usage);
  }
  return {
    chosen,
    faults: readNumber(values.faults, 1, 100, "--faults"),
    pauseMs: readNumber(values.pause, 0, 600, "--pause") * 1000,
    buyers: readNumber(values.buyers, 1, 1_000_000, "--buyers"),
    rate: readNumber(values.rate, 1, 20_000, "--rate"),
    seed: readNumber(values.seed, 0, 999_999_999, "--seed"),
    json: values.json ?? null,
  };
}

/** Waits until buyers can be served again. @returns {Promise<number | null>} after how long; null when they could not */
async function measureRecovery() {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < recoveryMaxMs) {
    const limit = AbortSignal.timeout(2_000);
    const answers = [`${apiUrl}/readyz`, `${opsUrl}/readyz`].map((url) => fetch(url, { signal: limit }));
    const statuses = await Promise.all(
      answers.map((answer) => answer.then(({ status }) => status).catch(() => 0)),
    );
    if (statuses.every((status) => status === 200)) return Math.round(performance.now() - sinceMs);
    await wait(100);
  }
  return null;
}

/** @returns {Promise<string>} */
async function findAdminKey() {
  const given = process.env["HOLDFAST_ADMIN_KEY"];
  if (given !== undefined && given !== "") return given;
  return (await compose("exec", "-T", "holdfast", "cat", "/data/admin-key")).trim();
}

/** @param {number} seed */
function saleName(seed) {
  return `Attacked sale ${seed}`;
}

/** Waits until somebody has bought: an attack on an idle service would prove nothing. @param {number} seed */
async function untilSelling(seed) {
  const url = `${apiUrl}/v1/events?limit=1&search=${encodeURIComponent(saleName(seed))}`;
  for (;;) {
    const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    const list = /** @type {{ data?: readonly { sold: number }[] }} */ (reply?.ok ? await reply.json() : {});
    if ((list.data?.[0]?.sold ?? 0) > 0) return;
    await wait(100, null, { ref: false });
  }
}

/**
 * The sale that goes on meanwhile. Its buyers repeat what was not answered, and it compares its books in the end.
 *
 * @param {ReturnType<typeof readOptions>} options @param {string} adminKey
 */
function startSale({ buyers, rate, seed }, adminKey) {
  const name = saleName(seed);
  const flags = Object.entries({ name, url: apiUrl, "ops-url": opsUrl, buyers, rate, seed, patience: 180 });
  return start(
    process.execPath,
    ["scripts/run.mjs", "demo/main.ts", ...flags.flatMap(([flag, value]) => [`--${flag}`, String(value)])],
    { cwd: projectFolder, env: { ...process.env, HOLDFAST_ADMIN_KEY: adminKey } },
  );
}

/**
 * @param {ReturnType<typeof readOptions>} options @param {string} adminKey
 * @param {ReturnType<typeof startSale>} sale @returns {Promise<Fault[]>}
 */
async function injectFaults({ chosen, faults, pauseMs, seed }, adminKey, sale) {
  /** @type {Fault[]} */
  const done = [];
  const isSelling = () => sale.exitCode() === null;
  await Promise.race([untilSelling(seed), sale.exited]);
  for (let round = 0; round < faults; round += 1) {
    for (const scenario of chosen) {
      await Promise.race([wait(pauseMs, null, { ref: false }), sale.exited]);
      if (!isSelling()) throw new Unknown(`The sale ended before ${scenario} came; use more --buyers.`);
      process.stderr.write(`${scenario}: `);
      await scenarios[scenario]?.({ opsUrl, adminKey });
      const recoveryMs = await measureRecovery();
      done.push({ scenario, recovery_ms: recoveryMs });
      process.stderr.write(`${recoveryMs === null ? "no recovery" : `well again after ${recoveryMs} ms`}\n`);
      if (recoveryMs === null) return done;
    }
  }
  return done;
}

/** @returns {Promise<{ code: number, complaints: string[], faults: Fault[] }>} @param {ReturnType<typeof readOptions>} options */
async function attack(options) {
  await compose("up", "--wait", "--wait-timeout", "300");
  const adminKey = await findAdminKey();
  const sale = startSale(options, adminKey);
  try {
    const faults = await injectFaults(options, adminKey, sale);
    const lame = faults.filter(({ recovery_ms }) => recovery_ms === null).map(({ scenario }) => scenario);
    if (lame.length > 0) {
      const complaint = `After ${lame.join()} nothing was served for ${recoveryMaxMs / 1000} s.`;
      return { code: exitCode.broken, complaints: [complaint], faults };
    }
    const sold = await sale.exited;
    const audited = await docker("compose", "exec", "-T", "holdfast", "node", "api/audit-stock.ts");
    process.stderr.write(audited.output);
    const parts = [
      { name: "The rehearsed sale", code: sold },
      { name: "The audit of the stock", code: audited.code },
    ];
    const failed = parts.filter(({ code }) => code !== 0);
    const isBroken = failed.some(({ code }) => code === exitCode.broken);
    return {
      code: failed.length === 0 ? exitCode.ok : isBroken ? exitCode.broken : exitCode.unknown,
      complaints: failed.map(({ name, code }) => `${name} ended with ${code}.`),
      faults,
    };
  } finally {
    sale.stop();
  }
}

const options = readOptions();
try {
  const { code, complaints, faults } = await attack(options);
  const verdict = code === exitCode.ok ? "kept" : code === exitCode.broken ? "BROKEN" : "unknown";
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.stdout.write(`${faults.length} faults, seed ${options.seed}: promises ${verdict}.\n`);
  if (options.json !== null)
    writeFileSync(options.json, JSON.stringify({ verdict, seed: options.seed, complaints, faults }, null, 2));
  process.exitCode = code;
} catch (error) {
  process.stderr.write(`Unknown: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCode.unknown;
}
