import { fork } from "node:child_process";
import { BenchError } from "./bench-error.ts";

const stopMaxMs = 8_000;

/** A process of the bench that answers messages. */
export interface Child<Request, Reply extends { readonly kind: string }> {
  /** Sends without waiting. */
  send(request: Request): void;
  /**
   * Waits for the next answer. One question at a time.
   *
   * @throws BenchError when the child says that it failed, ends, or takes longer than `limitMs`
   */
  ask<Kind extends Reply["kind"]>(
    request: Request,
    kind: Kind,
    limitMs: number,
  ): Promise<Extract<Reply, { kind: Kind }>>;
  /**
   * Ends the child: by the message if there is one, else by closing the channel; by force when that takes too
   * long.
   */
  stop(request?: Request): Promise<void>;
}

/**
 * Starts a file of the bench in a process of its own, on the Node of this one. It ends when this process
 * ends.
 */
export function startChild<Request extends object, Reply extends { readonly kind: string }>(
  file: string,
  name: string,
): Child<Request, Reply | { readonly kind: "failed"; readonly message: string }> {
  type Answer = Reply | { readonly kind: "failed"; readonly message: string };
  const process = fork(file, { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let settle: ((answer: Answer | BenchError) => void) | null = null;
  let gone: BenchError | null = null;
  const ended = new Promise<void>((resolve) => {
    const markGone = (message: string) => {
      gone ??= new BenchError(message);
      settle?.(gone);
      resolve();
    };
    process.on("exit", (code, signal) =>
      markGone(`The ${name} process ended with ${signal ?? `exit code ${code}`}.`),
    );
    process.on("error", (error) => markGone(`The ${name} process failed: ${error.message}.`));
  });
  process.on("message", (answer) => settle?.(answer as Answer));

  const ask = (request: Request, limitMs: number) =>
    new Promise<Answer>((resolve, reject) => {
      const limit = setTimeout(
        () => settle?.(new BenchError(`The ${name} process did not answer in time.`)),
        limitMs,
      );
      settle = (answer) => {
        settle = null;
        clearTimeout(limit);
        if (answer instanceof BenchError) reject(answer);
        else resolve(answer);
      };
      if (gone === null) process.send(request);
      else settle(gone);
    });

  return {
    send: (request) => {
      if (process.connected) process.send(request);
    },
    async ask(request, kind, limitMs) {
      const answer = await ask(request, limitMs);
      if (answer.kind === kind) return answer as never;
      const reason = "message" in answer ? String(answer.message) : answer.kind;
      throw new BenchError(`The ${name} process failed: ${reason}`);
    },
    async stop(request) {
      if (gone !== null) return;
      if (process.connected) {
        if (request === undefined) process.disconnect();
        else process.send(request);
      }
      const force = setTimeout(() => process.kill("SIGKILL"), stopMaxMs);
      await ended;
      clearTimeout(force);
    },
  };
}
