import { get } from "node:http";

const answerMaxMs = 5_000;

/** Makes one request over a connection of its own. An answer that does not come is left to those who measure. */
export function askAnew(port: number): Promise<void> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerMaxMs);
    const request = get({ host: "127.0.0.1", port, path: "/livez", agent: false, signal }, (answer) => {
      answer.on("close", resolve);
      answer.resume();
    });
    request.on("error", () => resolve());
  });
}
