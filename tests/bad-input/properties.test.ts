import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { operationTexts } from "../../api/contract/describe-operations.ts";
import {
  type Operation,
  type OperationName,
  operations,
  type PlainOperationName,
} from "../../api/contract/operations.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { callEverything } from "./call-everything.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService({ demo: true });
});
afterAll(() => service.close());

const names = Object.keys(operations) as OperationName[];

/** The calls that take a body of ours; what a payment provider signs has its own form. */
const withBody = names.filter((name) => {
  const operation: Operation = operations[name];
  return operation.body !== undefined && operation.isSigned !== true;
});

/** Sends a good body with one member more, which must change nothing. @returns what is complained about */
async function sendWith(name: OperationName, member: string, value: string) {
  const operation: Operation = operations[name];
  const path = operation.path.replaceAll(/\{\w+\}/g, () => randomUUID());
  const good = JSON.stringify(operationTexts[name].body ?? {}).slice(1, -1);
  // Written by hand, since "__proto__" is no member like any other to JavaScript.
  const body = `{${good}${good === "" ? "" : ","}"${member}":${value}}`;
  const answer = await expectNoEffect(service.database, () =>
    service.send(operation.method, path, { as: service.keys.admin, body }),
  );
  return { status: answer.status, code: answer.body["code"], errors: answer.body["errors"] };
}

const refusalOf = (member: string) => ({
  status: 422,
  code: "validation_failed",
  errors: [{ pointer: `/${member}`, detail: expect.any(String) }],
});

test.each(withBody)("(11) status, available or id in the body is refused: %s", async (name) => {
  const members = { status: '"confirmed"', available: "1000", id: `"${randomUUID()}"` };
  for (const [member, value] of Object.entries(members))
    expect(await sendWith(name, member, value)).toEqual(refusalOf(member));
});

test.each(withBody)("(12) __proto__ or constructor in the body is refused: %s", async (name) => {
  for (const member of ["__proto__", "constructor", "prototype", "toString"]) {
    const value = '{"quantity":2,"isAdmin":true,"prototype":{"isAdmin":true}}';
    expect(await sendWith(name, member, value)).toEqual(refusalOf(member));
  }
  expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
});

const nested: [what: string, path: string, body: string, pointer: string][] = [
  [
    "a rule for refills",
    "/v1/events",
    '{"name":"n","capacity":1,"restock":{"threshold":0,"quantity":1,"supplier_url":"demo:","__proto__":{}}}',
    "/restock/__proto__",
  ],
  [
    "a payment",
    `/v1/carts/${randomUUID()}/checkout`,
    '{"email":"ada@example.org","payment":{"provider":"demo","token":"tok_ok","constructor":{}}}',
    "/payment/constructor",
  ],
  [
    "a customer",
    "/v1/customers",
    '{"request_id":"r","customer":{"first_name":"A","last_name":"L","email":"a@example.org","phone_number":"+14155550100","__proto__":{}}}',
    "/customer/__proto__",
  ],
];

test.each(nested)("(12) nor is it taken inside of %s", async (_what, path, body, pointer) => {
  const answer = await expectNoEffect(service.database, () =>
    service.send("post", path, { as: service.keys.admin, body }),
  );
  expect(answer).toMatchObject({
    status: 422,
    body: { code: "validation_failed", errors: [{ pointer }] },
  });
});

test("(13) the reply of every call matches its schema exactly, to the last member", async () => {
  const plain = names.filter((name) => {
    const operation: Operation = operations[name];
    return operation.isSigned !== true && !name.startsWith("follow_");
  }) as PlainOperationName[];
  const replies = await callEverything(service);
  expect([...replies.keys()].sort()).toEqual(plain.sort());
  for (const [name, answer] of replies) {
    const { reply }: Operation = operations[name];
    expect([name, answer.status]).toEqual([name, reply.status]);
    // Read by the schema, nothing is left out and nothing is added.
    const body: unknown = answer.text === "" ? null : JSON.parse(answer.text);
    expect([name, (reply.schema ?? z.null()).parse(body)]).toEqual([name, body]);
  }
});

const withReply = names.filter((name) => {
  const { schema }: Operation["reply"] = operations[name].reply;
  return schema !== null && typeof operationTexts[name].reply === "object";
});

test.each(withReply)("(13) its schema would notice a member too many or too few: %s", (name) => {
  const { schema }: Operation["reply"] = operations[name].reply;
  const good = operationTexts[name].reply as Readonly<Record<string, unknown>>;
  expect(schema?.safeParse(good).success).toBe(true);
  expect(schema?.safeParse({ ...good, secret: 1 }).success).toBe(false);
  for (const member of Object.keys(good)) {
    const { [member]: _, ...rest } = good;
    const result = schema?.safeParse(rest);
    // A member that may be absent has to be declared so.
    const mayBeAbsent = mayBeAbsentIn(schema, member);
    expect({ member, accepted: result?.success }).toEqual({ member, accepted: mayBeAbsent });
  }
});

function mayBeAbsentIn(schema: Operation["reply"]["schema"], member: string): boolean {
  const { required } = z.toJSONSchema(schema ?? z.null(), { io: "output", unrepresentable: "any" });
  return required !== undefined && !required.includes(member);
}
