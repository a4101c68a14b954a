import { openTestOperations, type TestOperations } from "../operations/open-test-operations.ts";
import type { Answer } from "../support/answer.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import type { Sent } from "../support/http-client.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { sendRawRequest } from "../support/send-raw-request.ts";
import { headOf, problemOf } from "./raw-requests.ts";

/** Both listeners on one database, with an event, and ways to send them what must change nothing. */
export interface BothListeners {
  readonly service: TestService;
  readonly operations: TestOperations;
  /** Asks for tickets of the event. */
  readonly path: string;
  /** Of the operations listener: it pauses the event. */
  readonly pausePath: string;
  post(sent: Sent): Promise<Answer>;
  /** Pauses the event as the dashboard does. */
  pause(body: unknown, headers?: Record<string, string>): Promise<{ status: number; code: unknown }>;
  /** Sends bytes to a listener, and reads its refusal. */
  sendRaw(url: string, bytes: string | Buffer): Promise<ReturnType<typeof problemOf>>;
  /** The head of a hold that would be served, with further lines. */
  head(...lines: string[]): string;
  close(): Promise<void>;
}

export async function openBothListeners(): Promise<BothListeners> {
  const service = await openTestService();
  const { database, keys } = service;
  const { id } = await service.createEvent();
  const path = `/v1/events/${id}/reservations`;
  const pausePath = `/ops/v1/sales/${id}/pause`;
  // Not started, so that it writes nothing by itself.
  const operations = await openTestOperations({
    connectionString: database.connectionString,
    isStarted: false,
  });
  return {
    service,
    operations,
    path,
    pausePath,
    post: (sent) => expectNoEffect(database, () => service.send("post", path, { as: keys.service, ...sent })),
    pause: (body, headers = {}) =>
      expectNoEffect(database, async () => {
        const answer = await operations.send(pausePath, { method: "POST", body, headers });
        return { status: answer.status, code: (JSON.parse(answer.text) as { code?: unknown }).code };
      }),
    sendRaw: (url, bytes) =>
      expectNoEffect(database, async () => problemOf(await sendRawRequest(url, bytes))),
    head: (...lines) => headOf(path, keys.service, ...lines),
    close: async () => {
      await operations.close();
      await service.close();
    },
  };
}
