import { overviewReply } from "../api/contract/dashboard.ts";
import { salesReply, workersReply } from "../api/contract/dashboard-lists.ts";
import { NoAnswerError, type Sender } from "./http-sender.ts";

export interface ListedWorker {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  readonly rps: number;
}

/** Null stands for: the listener did not answer, or not in a way that can be read. */
export interface Operations {
  readonly url: URL;
  /** How many workers live. */
  countWorkers(): Promise<number | null>;
  listWorkers(): Promise<readonly ListedWorker[] | null>;
  /** Whether the service behind this listener sells the event. */
  knowsEvent(eventId: string): Promise<boolean | null>;
}

const answerMaxMs = 2_000;

// A newer service may tell more; only what is read here has to be as expected.
const liveWorkers = overviewReply.shape.workers.pick({ live: true }).loose();
const overview = overviewReply.pick({ workers: true }).extend({ workers: liveWorkers }).loose();
const listedWorker = workersReply.shape.data.element
  .pick({ id: true, pid: true, state: true, rps: true })
  .loose();
const workers = workersReply.pick({ data: true }).extend({ data: listedWorker.array() }).loose();
const sale = salesReply.shape.data.element.pick({ id: true }).loose();
const sales = salesReply.pick({ data: true }).extend({ data: sale.array() }).loose();

/** Reads the operations listener, of which a sale is independent: nothing here throws when it is away. */
export function readOperations(sender: Sender, url: URL): Operations {
  const get = async (path: string): Promise<unknown> => {
    try {
      const answer = await sender.send({ method: "GET", path }, answerMaxMs);
      return answer.status === 200 ? answer.body : null;
    } catch (error) {
      if (error instanceof NoAnswerError) return null;
      throw error;
    }
  };
  return {
    url,
    countWorkers: async () => overview.safeParse(await get("/ops/v1/overview")).data?.workers.live ?? null,
    listWorkers: async () => workers.safeParse(await get("/ops/v1/workers")).data?.data ?? null,
    knowsEvent: async (eventId) => {
      const found = sales.safeParse(await get(`/ops/v1/sales?search=${encodeURIComponent(eventId)}`)).data;
      return found === undefined ? null : found.data.some(({ id }) => id === eventId);
    },
  };
}
