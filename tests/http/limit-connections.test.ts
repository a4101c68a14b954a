import { afterAll, beforeAll, expect, test } from "vitest";
import { followRecorder } from "../metrics/read-totals.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { openRawConnection } from "../support/send-raw-request.ts";
import { waitFor } from "../support/wait-for.ts";

const connectionsMax = 3;
const askForLife = "GET /livez HTTP/1.1\r\nHost: shop\r\n\r\n";

let service: TestService;

beforeAll(async () => {
  service = await openTestService({ admission: { connectionsMax } });
});
afterAll(() => service.close());

test("a connection too many is answered with 503 and closed, and the others are served on", async () => {
  const open = await Promise.all(
    Array.from({ length: connectionsMax }, () => openRawConnection(service.url)),
  );
  for (const connection of open) connection.send(askForLife);
  await waitFor("the answers", () => open.every(({ received }) => received.includes("200 OK")));
  const counted = followRecorder(service.services.recorder);

  const tooMany = await openRawConnection(service.url);
  tooMany.send(askForLife);
  const refused = await tooMany.readResponse();
  expect(refused).toMatchObject({
    status: 503,
    headers: {
      "retry-after": "1",
      connection: "close",
      "content-type": "application/problem+json; charset=utf-8",
    },
  });
  expect(JSON.parse(refused.body)).toMatchObject({
    code: "overloaded",
    request_id: refused.headers["x-request-id"],
  });
  const series = counted.totals.series("holdfast_door_refusals_total");
  expect(series.find(({ labels }) => labels["reason"] === "connections")?.value).toBe(1);
  open[0]?.send(askForLife);
  await waitFor("another answer", () => open[0]?.received.split("200 OK").length === 3);

  open[1]?.destroy();
  await waitFor("a place", async () => {
    const next = await openRawConnection(service.url);
    next.send(askForLife.replace("Host", "Connection: close\r\nHost"));
    return (await next.readResponse()).status === 200;
  });
  for (const connection of open) connection.destroy();
});

test("one that is turned away and does not leave is cut off", async () => {
  const open = await Promise.all(
    Array.from({ length: connectionsMax }, () => openRawConnection(service.url)),
  );
  for (const connection of open) connection.send(askForLife);
  await waitFor("the answers", () => open.every(({ received }) => received.includes("200 OK")));
  const silent = await openRawConnection(service.url);
  expect(await silent.readUntilClosed()).toContain("503");
  for (const connection of open) connection.destroy();
});
