import { get } from "node:http";

const answerMaxMs = 5_000;

/** Makes one request over a connection of its own. @returns whether it was answered with a 200. Never throws. */
export function askAnew(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerMaxMs);
    const request = get({ host: "127.0.0.1", port, path: "/livez", agent: false, signal }, (answer) => {
      answer.on("end", () => resolve(answer.statusCode === 200));
      answer.on("close", () => resolve(false));
      answer.resume();
    });
    request.on("error", () => resolve(false));
  });
}
