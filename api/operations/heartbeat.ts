import { type Loop, startLoop } from "../kernel/start-loop.ts";
import {
  deleteOldNodes,
  markNodeStopped,
  type Node,
  type SeenNode,
  selectNodes,
  upsertNode,
} from "../store/nodes.ts";
import type { Database } from "../store/open-database.ts";

const intervalMs = 1_000;
/** A machine that has been silent for longer is lost. */
const lostAfterMs = 5_000;
/** A machine that stays lost is old news after this time: somebody took it away. */
const newsMaxMs = 3_600_000;
const keptHours = 24;
const cleanUpEveryRounds = 60;

/** A machine as the others see it. */
export interface NodeState extends SeenNode {
  readonly state: "live" | "lost" | "stopped";
}

/** Says every second that this machine lives, and hears of the others. */
export class Heartbeat {
  readonly #database: Database;
  readonly #describe: () => Node;
  #others: readonly NodeState[] = [];
  #rounds = 0;
  #loop: Loop | null = null;

  /** @param describe tells how this machine is doing now */
  constructor(database: Database, describe: () => Node) {
    this.#database = database;
    this.#describe = describe;
  }

  start(): void {
    this.#loop = startLoop(
      async () => {
        await this.#beat();
        return intervalMs;
      },
      // The database watch tells when the database is away. What was known of the others stays.
      () => {},
    );
  }

  /** Ends with a goodbye, so that nobody takes this machine for lost. */
  async stop(): Promise<void> {
    if (this.#loop === null) return;
    await this.#loop.stop();
    await markNodeStopped(this.#database, this.#describe().id).catch(() => {});
  }

  /** This machine as it is now, and the others as they were last heard of. */
  nodes(): NodeState[] {
    const own: NodeState = {
      ...this.#describe(),
      seenAtMs: Date.now(),
      silentMs: 0,
      isStopped: false,
      state: "live",
    };
    return [own, ...this.#others];
  }

  /** The names of machines that fell silent lately. */
  lostNames(): string[] {
    return this.#others
      .filter(({ state, silentMs }) => state === "lost" && silentMs < newsMaxMs)
      .map(({ name }) => name);
  }

  async #beat(): Promise<void> {
    const own = this.#describe();
    await upsertNode(this.#database, own);
    const seen = await selectNodes(this.#database);
    this.#others = seen.filter(({ id }) => id !== own.id).map((node) => ({ ...node, state: stateOf(node) }));
    if (this.#rounds % cleanUpEveryRounds === 0) await deleteOldNodes(this.#database, keptHours);
    this.#rounds += 1;
  }
}

function stateOf({ isStopped, silentMs }: SeenNode): NodeState["state"] {
  if (isStopped) return "stopped";
  return silentMs <= lostAfterMs ? "live" : "lost";
}
