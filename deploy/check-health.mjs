// @ts-check
// Asks this container's own operations listener whether it is well: `node deploy/check-health.mjs /livez`.
// Exits 0 for a 200, otherwise 1 with one sentence. The image has no curl, and needs none.

const path = process.argv[2] ?? "/livez";
const host = process.env["HOST"] || "127.0.0.1";
const port = process.env["OPS_PORT"] || "3001";
const waitMaxMs = 2_500;

/** Who listens on every address is asked on the loopback one. */
const anyAddress = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/** @param {string} address */
function inUrl(address) {
  return address.includes(":") ? `[${address}]` : address;
}

/** @returns {Promise<string | null>} What is wrong, null when all is well. */
async function findTrouble() {
  const url = `http://${inUrl(anyAddress.get(host) ?? host)}:${port}${path}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(waitMaxMs) });
    return response.ok ? null : `${path} answers ${response.status}: ${await response.text()}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${path} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

const trouble = await findTrouble();
if (trouble !== null) process.stderr.write(`${trouble}\n`);
process.exit(trouble === null ? 0 : 1);
