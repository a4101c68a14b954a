import { z } from "zod";

/** Names the folder in which a process of the service finds the controller of its points. Absent in production. */
export const folderVariable = "HOLDFAST_CHAOS_FOLDER";

export const socketName = "control.sock";
export const stateName = "state.json";

/** What a process must know before it does anything, so that it is read from a file. */
export const processState = z.strictObject({ clock_offset_ms: z.number(), crash_at_start: z.boolean() });

export type ProcessState = z.infer<typeof processState>;

const victim = z.enum(["worker", "backend", "postmaster", "worker_stop"]);

const strikeOrder = z.strictObject({
  point: z.string(),
  passage: z.int().min(1),
  victim,
  pid: z.int().min(2).nullable(),
});

/** A strike that waits for somebody to come to one of its points. */
const armedStrike = z.strictObject({ id: z.int(), orders: z.array(strikeOrder) });

export type ArmedStrike = z.infer<typeof armedStrike>;

/** What a process has done about a strike. Also what it leaves in the file by which it claims the strike for itself. */
export const struck = z.strictObject({
  kind: z.literal("struck"),
  id: z.int(),
  point: z.string(),
  pid: z.int(),
  worker_pid: z.int(),
  /** Why nobody was hurt; null when somebody was. */
  trouble: z.string().nullable(),
});

export type Struck = z.infer<typeof struck>;

/** From a process of the service to the controller, a line of JSON each. */
export const processMessage = z.discriminatedUnion("kind", [
  /** Points that were passed since the last such message. */
  z.strictObject({ kind: z.literal("passed"), points: z.record(z.string(), z.int()) }),
  z.strictObject({ kind: z.literal("counted"), ask: z.int() }),
  struck,
]);

export type ProcessMessage = z.infer<typeof processMessage>;

/** From the controller to a process of the service. */
export const controllerMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("arm"), strike: armedStrike }),
  z.strictObject({ kind: z.literal("disarm") }),
  /** Asks for what was passed and not told yet, and then for `counted`. */
  z.strictObject({ kind: z.literal("count"), ask: z.int() }),
  z.strictObject({ kind: z.literal("clock"), offset_ms: z.number() }),
]);

export type ControllerMessage = z.infer<typeof controllerMessage>;

/** The file by which exactly one process claims a strike. */
export function claimNameOf(strikeId: number): string {
  return `strike-${strikeId}`;
}

/** Cuts what arrives into lines. */
export class LineCutter {
  #rest = "";

  /** @returns the lines that are complete by now */
  push(text: string): string[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }
}
