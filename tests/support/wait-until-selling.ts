import { randomUUID } from "node:crypto";
import type { TestService } from "./open-test-service.ts";
import { waitFor } from "./wait-for.ts";

/** Waits until a service whose database was away reads and writes again. */
export async function waitUntilSelling({ send, askForHold, keys }: TestService): Promise<void> {
  await waitFor("reads to work again", async () => (await send("get", "/readyz")).status === 200);
  const created = await waitFor("writes to work again", async () => {
    const answer = await send("post", "/v1/events", { as: keys.admin, body: { name: "Probe", capacity: 1 } });
    return answer.status === 201 && answer;
  });
  await waitFor("sales to work again", async () => {
    const { status, body } = await askForHold(String(created.body["id"]), "probe", {
      idempotencyKey: randomUUID(),
    });
    return status === 201 || body["code"] === "duplicate_reservation";
  });
}
