import { errorsReply } from "../../api/contract/dashboard.ts";
import type { Service } from "./service.ts";

const answerMaxMs = 8_000;

/** An Overview page that somebody has open. */
export interface OpenPage {
  /** Requests that brought nothing. */
  failures(): number;
  close(): Promise<void>;
}

/** What that page asks for, and how often: see `dashboard/shared/queries` and `dashboard/features/overview`. */
const questions: readonly { readonly path: string; readonly everyMs: number }[] = [
  { path: "/ops/v1/overview", everyMs: 1_000 },
  { path: "/ops/v1/errors", everyMs: 2_000 },
  { path: "/ops/v1/series?minutes=15", everyMs: 5_000 },
];

/** Asks like the dashboard's first page: everything at once, and then again and again. */
export function openOverviewPage(service: Service): OpenPage {
  const closing = new AbortController();
  let failures = 0;
  let lastErrorId = 0;
  const underWay = new Set<Promise<void>>();
  const ask = async (path: string): Promise<void> => {
    const isErrors = path === "/ops/v1/errors";
    const address = service.opsUrl + path + (isErrors ? `?after=${lastErrorId}` : "");
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerMaxMs)]);
    const response = await fetch(address, { signal, cache: "no-store" });
    const reply: unknown = await response.json();
    if (!response.ok) throw new Error(`The answer was ${response.status}.`);
    if (isErrors) lastErrorId = errorsReply.parse(reply).data.at(-1)?.id ?? lastErrorId;
  };
  const begin = (path: string) => {
    const asked = ask(path)
      .catch(() => {
        if (!closing.signal.aborted) failures += 1;
      })
      .finally(() => underWay.delete(asked));
    underWay.add(asked);
  };
  const timers = questions.map(({ path, everyMs }) => {
    begin(path);
    return setInterval(begin, everyMs, path);
  });
  return {
    failures: () => failures,
    async close() {
      for (const timer of timers) clearInterval(timer);
      closing.abort();
      await Promise.all(underWay);
    },
  };
}
