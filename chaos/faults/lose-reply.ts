import type { Fault } from "./fault.ts";

/** How the database says that a transaction is committed. */
const committed = Buffer.from("COMMIT\0");
/** How the service says that something was made or changed. */
const done = /^HTTP\/1\.1 20[01] /;
const statusLineBytes = 16;
const waitMaxMs = 1_500;

/** Row 8: what was asked for is done, and its acknowledgement gets lost, on either side of the service. */
export const loseReply: Fault = {
  kind: "lost_reply",
  number: 8,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: null,
  weight: "light",
  async inject({ system, random, begun }) {
    const isAtDatabase = system.databaseNetwork !== null && random.happens(0.5);
    const network = isAtDatabase ? system.databaseNetwork : system.clientNetwork;
    const isLost = isAtDatabase
      ? (chunk: Buffer) => chunk.includes(committed)
      : (chunk: Buffer) => done.test(chunk.toString("latin1", 0, statusLineBytes));
    const lost = await network.loseReply(isLost, waitMaxMs);
    if (lost === null) return `no reply came within ${waitMaxMs} ms`;
    begun(isAtDatabase ? "the database's reply to a COMMIT was lost" : "a reply of the service was lost");
    return null;
  },
};
