import { openTestService, type TestService } from "../support/open-test-service.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";
import type { NoticeType } from "../../api/domain/webhook-notices.ts";

export const everyType = [
  "reservation.held",
  "reservation.confirmed",
  "reservation.expired",
  "reservation.cancelled",
  "order.paid",
  "order.refunded",
  "event.sold_out",
  "event.restocked",
] as const satisfies readonly NoticeType[];

export interface Endpoint {
  readonly id: string;
  readonly secret: string;
}

/** Makes an endpoint at that URL. */
export async function createEndpoint(
  { send, keys }: Pick<TestService, "send" | "keys">,
  url: string,
  types: readonly NoticeType[] = everyType,
): Promise<Endpoint> {
  const body = { url, event_types: types };
  const made = await send("post", "/v1/webhook-endpoints", { as: keys.admin, body });
  if (made.status !== 201) throw new Error(`Wanted 201, got ${made.status} ${made.text}`);
  return { id: String(made.body["id"]), secret: String(made.body["secret"]) };
}

/** A delivery as the log shows it. */
export interface LoggedDelivery {
  readonly id: string;
  readonly message_id: string;
  readonly type: string;
  readonly subject_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly next_try_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly payload: string;
}

/** Reads an endpoint's log, newest first. */
export async function readLog(
  { send, keys }: Pick<TestService, "send" | "keys">,
  endpointId: string,
  query = "limit=100",
): Promise<LoggedDelivery[]> {
  const path = `/v1/webhook-endpoints/${endpointId}/deliveries?${query}`;
  const page = await send("get", path, { as: keys.admin });
  if (page.status !== 200) throw new Error(`Wanted 200, got ${page.status} ${page.text}`);
  return page.body["data"] as LoggedDelivery[];
}

/** Makes everything that is to be delivered due now, instead of waiting for it. */
export async function makeDue({ database }: Pick<TestService, "database">): Promise<void> {
  await database.query(
    "update webhook_deliveries set next_try_at = clock_timestamp() where status = 'pending'",
  );
}

/** Starts a service that may reach receivers of this machine, and one of these. */
export async function openListeningService(options: { readonly demo?: boolean } = {}) {
  const receiver = await WebhookReceiver.start();
  const service = await openTestService({ ...options, allowPrivateAddresses: true });
  const close = async () => {
    await service.close();
    await receiver.close();
  };
  return { receiver, service, close };
}
