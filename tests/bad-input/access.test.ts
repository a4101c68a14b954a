import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operationTexts } from "../../api/contract/describe-operations.ts";
import { type Operation, type OperationName, operations } from "../../api/contract/operations.ts";
import type { Answer } from "../support/answer.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let ada: string;
let bob: string;

beforeAll(async () => {
  service = await openTestService();
  ada = await service.makeBuyerToken("ada");
  bob = await service.makeBuyerToken("bob");
});
afterAll(() => service.close());

/** An answer without what differs from answer to answer by design. */
function bare({ status, headers: { date: _date, ratelimit: _left, ...headers }, text }: Answer) {
  return { status, headers, text };
}

const sameId = { "x-request-id": "same" };

test("(1) another's reservation is to a buyer what a missing one is, to the byte", async () => {
  const event = await service.createEvent();
  const { id } = await service.hold(event.id, "ada");
  const missing = randomUUID();
  const sent = { as: bob, headers: sameId };
  const tries: ((reservationId: string) => Promise<Answer>)[] = [
    (each) => service.send("get", `/v1/reservations/${each}`, sent),
    (each) => service.change(each, "confirm", sent),
    (each) => service.change(each, "extend", sent),
    (each) => service.change(each, "cancel", sent),
  ];
  for (const attempt of tries) {
    const another = await expectNoEffect(service.database, () => attempt(id));
    expect(another).toMatchObject({ status: 404, body: { code: "reservation_not_found" } });
    expect(bare(another)).toEqual(bare(await attempt(missing)));
  }
  expect(await service.send("get", `/v1/reservations/${id}`, { as: ada })).toMatchObject({
    status: 200,
    body: { status: "held" },
  });
});

test("(2) another's idempotency key never gives their reply", async () => {
  const event = await service.createEvent({ capacity: 5 });
  const mine = await service.askForHold(event.id, "ada", { as: ada, idempotencyKey: "shared" });
  const theirs = await service.askForHold(event.id, "bob", { as: bob, idempotencyKey: "shared" });
  const shop = await service.askForHold(event.id, "cyd", { idempotencyKey: "shared" });
  expect([mine.status, theirs.status, shop.status]).toEqual([201, 201, 201]);
  expect(new Set([mine, theirs, shop].map(({ body }) => body["id"])).size).toBe(3);
  // The very body that was answered before, from somebody else: judged anew. A refusal is kept, and no more.
  const stolen = await service.askForHold(event.id, "ada", {
    as: service.keys.admin,
    idempotencyKey: "shared",
  });
  expect(stolen).toMatchObject({ status: 409, body: { code: "duplicate_reservation" } });
  expect(stolen.headers["idempotent-replayed"]).toBeUndefined();
  expect(stolen.text).not.toBe(mine.text);
  expect(await service.readEvent(event.id)).toMatchObject({ available: 2, held: 3 });
});

/** Tries to make an event, which changes something if it succeeds. */
const createWith = (headers: Record<string, string>) =>
  service.send("post", "/v1/events", {
    body: { name: "Concert", capacity: 1 },
    headers: { ...sameId, ...headers },
  });

async function expectSameAsMissing(credentials: Readonly<Record<string, string>>) {
  const missing = bare(await expectNoEffect(service.database, () => createWith({})));
  expect(missing).toMatchObject({
    status: 401,
    headers: { "www-authenticate": expect.stringContaining("Bearer") },
    text: expect.stringContaining('"code":"unauthorized"'),
  });
  for (const [what, authorization] of Object.entries(credentials)) {
    const answer = await expectNoEffect(service.database, () => createWith({ authorization }));
    expect({ what, ...bare(answer) }).toEqual({ what, ...missing });
  }
}

test("(3) a missing, a garbage and a revoked key are answered with the same 401", async () => {
  const { keys, send } = service;
  const body = { name: "soon gone", role: "admin" };
  const made = await send("post", "/v1/api-keys", { as: keys.admin, body });
  const revoked = String(made.body["key"]);
  expect(await send("get", "/v1/api-keys", { as: revoked })).toMatchObject({ status: 200 });
  await send("delete", `/v1/api-keys/${String(made.body["id"])}`, { as: keys.admin });
  await expectSameAsMissing({
    garbage: "Bearer garbage",
    "no scheme": keys.admin,
    "another scheme": `Basic ${Buffer.from("admin:admin").toString("base64")}`,
    empty: "Bearer ",
    "two keys": `Bearer ${keys.admin} ${keys.admin}`,
    "an unknown key": `Bearer hf_admin_${"A".repeat(32)}`,
    "one character changed": `Bearer ${keys.admin.slice(0, -1)}${keys.admin.endsWith("A") ? "B" : "A"}`,
    "a revoked key": `Bearer ${revoked}`,
  });
  const rows = await service.database.query("select 1 from api_keys where revoked_at is null");
  expect(rows).toHaveLength(3);
});

test("(4) a key of the wrong length is answered with 401, and nothing throws", async () => {
  const { admin } = service.keys;
  await expectSameAsMissing({
    "cut short": `Bearer ${admin.slice(0, -1)}`,
    "one longer": `Bearer ${admin}A`,
    "one letter": "Bearer h",
    "the bare prefix": "Bearer hf_",
    "the prefix of a role": "Bearer hf_admin_",
    "4,000 characters": `Bearer hf_admin_${"A".repeat(4_000)}`,
    "5,000 characters": `Bearer hf_admin_${"A".repeat(5_000)}`,
  });
  // The right one works all the same.
  expect(await service.send("get", "/v1/api-keys", { as: admin })).toMatchObject({ status: 200 });
});

const closedToBuyers = (Object.keys(operations) as OperationName[]).filter((name) => {
  const { access }: Operation = operations[name];
  return !access.includes("buyer") && !access.includes("anyone");
});

test.each(closedToBuyers)(
  "(5) a buyer token is answered with 403 where it may not call: %s",
  async (name) => {
    const operation: Operation = operations[name];
    const path = operation.path.replaceAll(/\{\w+\}/g, () => randomUUID());
    const { body } = operationTexts[name];
    const refused = await expectNoEffect(service.database, () =>
      service.send(operation.method, path, { as: ada, ...(body !== undefined && { body }) }),
    );
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
  },
);

const sign = async (options: {
  secret?: Uint8Array;
  expiresAt?: number;
  algorithm?: string;
  subject?: string;
  issuer?: string;
}) => {
  const [row] = await service.database.query<{ secret: Buffer }>(
    "select secret from signing_secrets where purpose = 'buyer tokens'",
  );
  const token = new SignJWT()
    .setProtectedHeader({ alg: options.algorithm ?? "HS256" })
    .setIssuer(options.issuer ?? "holdfast")
    .setExpirationTime(options.expiresAt ?? Math.floor(Date.now() / 1000) + 600);
  if (options.subject !== "") token.setSubject(options.subject ?? "ada");
  return token.sign(options.secret ?? row?.secret ?? new Uint8Array(64));
};

/** A token without a signature, as one that says that it needs none. */
function unsigned(header: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode(header)}.${encode({ iss: "holdfast", sub: "ada", exp: 4_102_444_800 })}.`;
}

test("(5) an expired, a wrongly signed and an unsigned token are answered with 401", async () => {
  const signed = await sign({});
  const [header, payload, signature] = signed.split(".");
  // As it stands it is good, so that what follows fails for its own reason.
  expect(await service.send("get", "/v1/orders", { as: signed })).toMatchObject({ status: 200 });
  await expectSameAsMissing({
    expired: `Bearer ${await sign({ expiresAt: Date.parse("2020-01-01") / 1000 })}`,
    "signed by another": `Bearer ${await sign({ secret: new Uint8Array(32) })}`,
    "of another algorithm": `Bearer ${await sign({ algorithm: "HS512" })}`,
    "of another issuer": `Bearer ${await sign({ issuer: "elsewhere" })}`,
    "for nobody": `Bearer ${await sign({ subject: "" })}`,
    "alg none": `Bearer ${unsigned({ alg: "none" })}`,
    "alg None": `Bearer ${unsigned({ alg: "None", typ: "JWT" })}`,
    "alg none with a good signature": `Bearer ${unsigned({ alg: "none" })}${signature}`,
    "without its signature": `Bearer ${header}.${payload}.`,
    "with another's payload": `Bearer ${header}.${unsigned({}).split(".")[1]}.${signature}`,
  });
});
