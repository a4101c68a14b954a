import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

const savedState = z.strictObject({ node_id: z.uuid(), totals: z.unknown() });

export interface SupervisorState {
  /** The same at every start on this data directory and port. */
  readonly nodeId: string;
  /** What the counters stood at; null when nothing is known. */
  readonly totals: unknown;
}

/**
 * Reads what a supervisor left behind, so that its counters go on where they were even after a kill -9.
 * A file that is missing or damaged makes a new node with counters at zero.
 */
export async function readState(file: string): Promise<SupervisorState> {
  const text = await readFile(file, "utf8").catch(() => "");
  const saved = savedState.safeParse(parseJson(text));
  return saved.success
    ? { nodeId: saved.data.node_id, totals: saved.data.totals }
    : { nodeId: randomUUID(), totals: null };
}

/** Replaces the file in one step, so that a crash leaves the old or the new one whole. */
export async function writeState(file: string, { nodeId, totals }: SupervisorState): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ node_id: nodeId, totals }));
  await rename(draft, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
