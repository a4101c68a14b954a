import type { Outbox, Restocks, Verifications } from "../../../api/contract/job-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** What became of the codes of a customer or a phone. */
export function verificationsQuery(name: string, text: string): PolledQuery<Verifications> {
  return ask("verifications", { [name]: text });
}

/** What became of an event's restock orders. */
export function restocksQuery(eventId: string): PolledQuery<Restocks> {
  return ask("restocks", { event_id: eventId });
}

/** The messages that the demo has sent. */
export function outboxQuery(kind: string): PolledQuery<Outbox> {
  return ask("outbox", { kind });
}

function ask<Reply>(what: string, parameters: Readonly<Record<string, string>>): PolledQuery<Reply> {
  const query = new URLSearchParams(parameters).toString();
  return {
    queryKey: [what, query],
    everyMs: 2_000,
    load: ({ signal }) => requestJson(`/ops/v1/${what}?${query}`, { signal }),
  };
}
