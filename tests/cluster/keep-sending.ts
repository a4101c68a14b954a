import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** Clients that keep their connections open, send one request after the other, and never try twice. */
export class SteadyClients {
  readonly failures: string[] = [];
  readonly answersByWorker = new Map<number, number>();
  #answered = 0;
  #isStopped = false;
  readonly #ended: Promise<unknown>;

  /**
   * @param count how many clients, each with a connection of its own
   * @param pauseMs how long each waits between an answer and its next request
   */
  constructor(url: string, count: number, pauseMs: number, pathOf: () => string = () => "/") {
    this.#ended = Promise.all(Array.from({ length: count }, () => this.#run(url, pauseMs, pathOf)));
  }

  get answered(): number {
    return this.#answered;
  }

  /** Forgets who answered so far. */
  recount(): void {
    this.answersByWorker.clear();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(url: string, pauseMs: number, pathOf: () => string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // Clients that all begin together would all send in the same moments.
    await wait(Math.random() * pauseMs);
    while (!this.#isStopped) {
      try {
        const pid = await ask(url + pathOf(), agent);
        this.#answered += 1;
        this.answersByWorker.set(pid, (this.answersByWorker.get(pid) ?? 0) + 1);
      } catch (error) {
        this.failures.push(String(error));
        await wait(20);
      }
      if (pauseMs > 0) await wait(pauseMs);
    }
    agent.destroy();
  }
}

/** @returns the process that answered */
function ask(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, timeout: 10_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`Status ${response.statusCode}: ${text}`));
        resolve((JSON.parse(text) as { pid: number }).pid);
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("No answer came.")));
    sent.on("error", reject);
    sent.end();
  });
}
