import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OutsidePoster } from "../../api/providers/outside/post-outside.ts";
import type { TestService } from "../support/open-test-service.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  createEndpoint,
  type Endpoint,
  type LoggedDelivery,
  makeDue,
  openListeningService,
  readLog,
} from "./open-listening-service.ts";

let receiver: WebhookReceiver;
let service: TestService;
let endpoint: Endpoint;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ receiver, service, close } = await openListeningService());
  endpoint = await createEndpoint(service, receiver.url);
});
afterEach(() => {
  receiver.answer = () => 204;
});
afterAll(() => close());

const logged = async (subjectId: string, type: string) =>
  (await readLog(service, endpoint.id)).find((each) => each.subject_id === subjectId && each.type === type);

const waitForLogged = (subjectId: string, type: string, is: (delivery: LoggedDelivery) => boolean) =>
  waitFor(`${type} in the log`, async () => {
    const found = await logged(subjectId, type);
    return found !== undefined && is(found) && found;
  });

const waitMsOf = async (deliveryId: string) => {
  const [row] = await service.database.query(
    `select extract(epoch from next_try_at - clock_timestamp()) * 1000 as left from webhook_deliveries where id = $1`,
    [deliveryId],
  );
  return Number(row?.["left"]);
};

describe("a message that is not taken", () => {
  test.each([500, 302, 404, "reset"] as const)("is sent again with the same id after %s", async (answer) => {
    let isUp = false;
    receiver.answer = () => (isUp ? 204 : answer);
    const { id } = await service.hold((await service.createEvent()).id, "ada");
    const failed = await waitForLogged(id, "reservation.held", ({ attempts }) => attempts === 1);
    expect(failed).toMatchObject({
      status: "pending",
      last_status: typeof answer === "number" ? answer : null,
      last_error: expect.any(String),
      next_try_at: expect.any(String),
    });
    isUp = true;
    await makeDue(service);
    const [taken] = await receiver.waitForAbout(id, 1);
    const all = receiver.received.filter(({ data }) => data["id"] === id);
    expect(all.length).toBeGreaterThanOrEqual(2);
    expect(new Set(all.map((message) => message.id))).toEqual(new Set([failed.message_id]));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(taken !== undefined && WebhookReceiver.isSigned(taken, endpoint.secret)).toBe(true);
    const ended = await waitForLogged(id, "reservation.held", ({ status }) => status === "delivered");
    expect(ended).toMatchObject({ last_status: 204, last_error: null, next_try_at: null });
  });

  test("keeps back later ones about the same reservation, and no others", async () => {
    let isUp = false;
    const event = await service.createEvent();
    const held = await service.hold(event.id, "ada");
    await receiver.waitForAbout(held.id, 1);
    receiver.answer = ({ type, data }) =>
      !isUp && data["id"] === held.id && type === "reservation.confirmed" ? 503 : 204;
    await service.change(held.id, "confirm");
    await waitForLogged(held.id, "reservation.confirmed", ({ attempts }) => attempts === 1);
    await service.change(held.id, "cancel");
    const other = await service.hold(event.id, "bob");
    await receiver.waitForAbout(other.id, 1);
    expect(await logged(held.id, "reservation.cancelled")).toMatchObject({ status: "pending", attempts: 0 });
    isUp = true;
    await makeDue(service);
    const taken = await receiver.waitForAbout(held.id, 3);
    expect(taken.map(({ type }) => type)).toEqual([
      "reservation.held",
      "reservation.confirmed",
      "reservation.cancelled",
    ]);
  });

  test("is left alone for as long as Retry-After asks", async () => {
    receiver.answer = () => ({ status: 429, headers: { "retry-after": "3600" } });
    const { id } = await service.hold((await service.createEvent()).id, "ada");
    const failed = await waitForLogged(id, "reservation.held", ({ attempts }) => attempts === 1);
    const leftMs = await waitMsOf(failed.id);
    expect(leftMs).toBeGreaterThan(3_500_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_000);
  });

  test("is given up after ten tries, and those that waited for it follow", async () => {
    let answer = 500;
    receiver.answer = () => answer;
    const { id } = await service.hold((await service.createEvent()).id, "ada");
    await waitForLogged(id, "reservation.held", ({ attempts }) => attempts === 1);
    await service.change(id, "cancel");
    await service.database.query(
      "update webhook_deliveries set attempts = 9 where subject_id = $1 and attempts = 1",
      [id],
    );
    await makeDue(service);
    const failed = await waitForLogged(id, "reservation.held", ({ status }) => status === "failed");
    expect(failed).toMatchObject({ attempts: 10, last_status: 500, next_try_at: null });
    answer = 204;
    await makeDue(service);
    const [taken] = await receiver.waitForAbout(id, 1);
    expect(taken?.type).toBe("reservation.cancelled");
  });

  test("can be sent again, and then arrives with the same id", async () => {
    const { id } = await service.hold((await service.createEvent()).id, "ada");
    const [first] = await receiver.waitForAbout(id, 1);
    await waitForLogged(id, "reservation.held", ({ status }) => status === "delivered");
    const path = `/v1/webhook-endpoints/${endpoint.id}/messages/${first?.id}/resend`;
    const resent = await service.send("post", path, { as: service.keys.admin, idempotencyKey: randomUUID() });
    expect(resent).toMatchObject({ status: 202, body: { message_id: first?.id, subject_id: id } });
    const [, second] = await receiver.waitForAbout(id, 2);
    expect(second).toMatchObject({ id: first?.id, text: first?.text });
    const found = await waitFor("both deliveries", async () => {
      const all = (await readLog(service, endpoint.id, "status=delivered")).filter(
        (each) => each.message_id === first?.id,
      );
      return all.length === 2 && all;
    });
    expect(found[0]?.id).toBe(resent.body["id"]);
    const elsewhere = `/v1/webhook-endpoints/${endpoint.id}/messages/${randomUUID()}/resend`;
    expect(await service.send("post", elsewhere, { as: service.keys.admin })).toMatchObject({
      status: 404,
      body: { code: "webhook_message_not_found" },
    });
  });

  test("does not keep other endpoints waiting while its receiver hangs", async () => {
    const hanging = await WebhookReceiver.start();
    hanging.answer = () => "hang";
    const { id: hangingId } = await createEndpoint(service, hanging.url);
    try {
      const event = await service.createEvent({ capacity: 60 });
      const holds = await Promise.all(
        Array.from({ length: 60 }, (_, index) => service.hold(event.id, `user ${index}`)),
      );
      for (const { id } of holds) await receiver.waitForAbout(id, 1);
      // As many as may be under way at once, and not one more.
      await waitFor("the slow one to be asked", () => hanging.received.length >= 32);
      expect(hanging.received).toHaveLength(32);
    } finally {
      await service.send("delete", `/v1/webhook-endpoints/${hangingId}`, { as: service.keys.admin });
      await hanging.close();
    }
  });
});

describe("a receiver that answers 410", () => {
  test("is sent nothing more until it is enabled again", async () => {
    const leaving = await WebhookReceiver.start();
    leaving.answer = () => 410;
    const { id } = await createEndpoint(service, leaving.url, ["reservation.held"]);
    const find = async () => {
      const { body } = await service.send("get", "/v1/webhook-endpoints", { as: service.keys.admin });
      return (body["data"] as { id: string }[]).find((each) => each.id === id);
    };
    try {
      const event = await service.createEvent();
      const held = await service.hold(event.id, "ada");
      const disabled = await waitFor("the endpoint to be disabled", async () => {
        const found = (await find()) as { status: string } | undefined;
        return found?.status === "disabled" && found;
      });
      expect(disabled).toMatchObject({ disabled_reason: "The receiver answered 410 Gone." });
      const [ended] = await waitFor("the delivery to end", async () => {
        const found = await readLog(service, id, "status=failed");
        return found.length === 1 && found;
      });
      expect(ended).toMatchObject({ subject_id: held.id, last_status: 410 });
      const path = `/v1/webhook-endpoints/${id}`;
      const resend = `${path}/messages/${ended?.message_id}/resend`;
      expect(await service.send("post", resend, { as: service.keys.admin })).toMatchObject({
        status: 409,
        body: { code: "webhook_endpoint_disabled" },
      });
      await service.hold(event.id, "bob");
      leaving.answer = () => 204;
      const enabled = await service.send("post", `${path}/enable`, { as: service.keys.admin });
      expect(enabled).toMatchObject({ status: 200, body: { status: "enabled", disabled_reason: null } });
      const cyd = await service.hold(event.id, "cyd");
      await leaving.waitForAbout(cyd.id, 1);
      expect(leaving.taken).toHaveLength(1);
      await service.send("delete", path, { as: service.keys.admin });
    } finally {
      await leaving.close();
    }
  });
});

test("an endpoint that is deleted is sent nothing more, and what was to be sent is ended", async () => {
  const other = await WebhookReceiver.start();
  other.answer = () => 500;
  const { id } = await createEndpoint(service, other.url, ["reservation.held"]);
  try {
    const event = await service.createEvent();
    await service.hold(event.id, "ada");
    await waitFor("a try", () => other.received.length > 0);
    await service.send("delete", `/v1/webhook-endpoints/${id}`, { as: service.keys.admin });
    await service.hold(event.id, "bob");
    const rows = await waitFor("the delivery to end", async () => {
      const query = "select status, last_error from webhook_deliveries where endpoint_id = $1";
      const found = await service.database.query(query, [id]);
      return found.every(({ status }) => status === "failed") && found;
    });
    expect(rows).toEqual([{ status: "failed", last_error: "The endpoint was deleted." }]);
  } finally {
    await other.close();
  }
});

test("a secret that is rotated signs along with the new one for a day", async () => {
  const other = await WebhookReceiver.start();
  const { id, secret } = await createEndpoint(service, other.url, ["reservation.held"]);
  try {
    const path = `/v1/webhook-endpoints/${id}`;
    const sent = { as: service.keys.admin, idempotencyKey: randomUUID() };
    const rotated = await service.send("post", `${path}/rotate-secret`, sent);
    expect(rotated.status).toBe(200);
    const replay = await service.send("post", `${path}/rotate-secret`, sent);
    expect(replay.text).toBe(rotated.text);
    const newer = String(rotated.body["secret"]);
    expect(newer).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(newer).not.toBe(secret);
    const event = await service.createEvent();
    const held = await service.hold(event.id, "ada");
    const [both] = await other.waitForAbout(held.id, 1);
    expect(both !== undefined && WebhookReceiver.isSigned(both, secret)).toBe(true);
    expect(both !== undefined && WebhookReceiver.isSigned(both, newer)).toBe(true);
    const [row] = await service.database.query(
      `update webhook_endpoints set previous_secret_until = clock_timestamp()
       where id = $1 returning previous_secret_until - created_at > interval '0' as is_later`,
      [id],
    );
    expect(row).toEqual({ is_later: true });
    const second = await service.hold(event.id, "bob");
    const [alone] = await other.waitForAbout(second.id, 1);
    expect(alone !== undefined && WebhookReceiver.isSigned(alone, secret)).toBe(false);
    expect(alone !== undefined && WebhookReceiver.isSigned(alone, newer)).toBe(true);
    await service.send("delete", path, { as: service.keys.admin });
  } finally {
    await other.close();
  }
});

test("a receiver that hangs is left when its time is over", async () => {
  const poster = new OutsidePoster({ allowPrivate: true });
  const hanging = await WebhookReceiver.start();
  hanging.answer = () => "hang";
  try {
    const asked = poster.post(
      { url: hanging.url, headers: {}, body: "{}", timeoutMs: 100 },
      new AbortController().signal,
    );
    await expect(asked).rejects.toMatchObject({
      retry: "again",
      message: expect.stringContaining("did not answer within 100 ms"),
    });
  } finally {
    poster.close();
    await hanging.close();
  }
});
