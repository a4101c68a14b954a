import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";
import { takesIdempotencyKey } from "../../api/contract/describe-problems.ts";
import {
  type Access,
  type Operation,
  type OperationName,
  operations,
} from "../../api/contract/operations.ts";
import { hostileSegment, hostileText } from "./hostile-text.ts";
import { type DescribedParameter, type Document, resolveSchema, type Schema } from "./json-schema.ts";
import { anyOf, idOf, kindOfParameter } from "./likely-values.ts";
import { type OperationsCall, type OperationsCallName, operationsCalls } from "./operations-calls.ts";
import { bodiesOf, needlessBodies } from "./plan-bodies.ts";
import { deliveries, headersOf, repetitions } from "./plan-headers.ts";
import {
  type Again,
  type Credential,
  type PlannedRequest,
  standIn,
  type StandIn,
  type Template,
} from "./plan.ts";
import { beyondSchema, valuesOf } from "./schema-values.ts";

const no = fc.constant<Credential>({ kind: "none", n: 0 });

function credential(kind: Credential["kind"]): Arbitrary<Credential> {
  return fc.nat(1_000_000).map((n) => ({ kind, n }));
}

/** Mostly somebody who may make the call, and now and then everybody else. */
function credentialsFor(access: readonly Access[]): Arbitrary<Credential> {
  const kindOf = (who: Access) => (who === "anyone" || who === "signup" ? no : credential(who));
  return fc.oneof(
    ...access.map((who) => ({
      weight: who === "service" || who === "buyer" ? 12 : 8,
      arbitrary: kindOf(who),
    })),
    {
      weight: 2,
      arbitrary: fc.oneof(...(["admin", "service", "observer", "buyer"] as const).map(credential)),
    },
    { weight: 1, arbitrary: no },
    { weight: 1, arbitrary: credential("bad") },
    { weight: 1, arbitrary: credential("learned") },
  );
}

/** The path of a call. @param kindOf what a parameter stands for */
function pathsOf(path: string, kindOf: (name: string) => Arbitrary<Template>): Arbitrary<Template> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const values = names.map((name) =>
    fc.oneof({ weight: 20, arbitrary: kindOf(name) }, { weight: 1, arbitrary: hostileSegment }),
  );
  return fc.tuple(...values).map((filled) => {
    let index = 0;
    return path.replaceAll(/\{\w+\}/g, () => filled[index++] ?? "");
  });
}

/** A query that the parameters allow, or one that they do not. */
function queriesOf(parameters: readonly DescribedParameter[], document: Document): Arbitrary<Template> {
  if (parameters.length === 0)
    return fc.oneof(
      { weight: 12, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("?", "?a=1", "?%E0%A4%A", "?a[]=1&a[]=2") },
    );
  const pair = (values: (parameter: DescribedParameter) => Arbitrary<unknown>) =>
    fc
      .constantFrom(...parameters)
      .chain((parameter) => values(parameter).map((value): [string, unknown] => [parameter.name, value]));
  const valid = pair(({ name, schema }) => queryValuesOf(name, schema, document));
  const beyond = pair(({ schema }) => beyondSchema(resolveSchema(schema, document), document));
  const hostile = fc.tuple(
    fc.oneof(
      fc.constantFrom(...parameters.map(({ name }) => name)),
      fc.constantFrom("__proto__", "x", "limit[]", ""),
    ),
    hostileText,
  );
  const required = parameters.filter((parameter) => parameter.required === true);
  const needed = fc.tuple(
    ...required.map(({ name, schema }) =>
      queryValuesOf(name, schema, document).map((value): [string, unknown] => [name, value]),
    ),
  );
  return fc.oneof(
    { weight: 4, arbitrary: needed.map(queryText) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(needed, fc.uniqueArray(valid, { maxLength: 3, selector: ([name]) => name }))
        .map(([first, more]) =>
          queryText([...first, ...more.filter(([name]) => !first.some(([other]) => other === name))]),
        ),
    },
    { weight: 2, arbitrary: fc.tuple(needed, beyond).map(([first, bad]) => queryText([...first, bad])) },
    { weight: 2, arbitrary: fc.tuple(needed, hostile).map(([first, bad]) => queryText([...first, bad])) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "?limit=1&limit=2",
        "?limit=%E0%A4%A",
        "?limit",
        "?=",
        "?&&&",
        "?limit=+1",
        "?limit=1e1",
        "?limit[$gt]=1",
      ),
    },
  );
}

function queryValuesOf(name: string, schema: Schema, document: Document): Arbitrary<unknown> {
  if (name === "event_id")
    return schema.type === "array" ? fc.array(idOf("event"), { minLength: 1, maxLength: 4 }) : idOf("event");
  if (name === "user_id") return anyOf("user");
  return valuesOf(schema, document, name);
}

function queryText(pairs: readonly (readonly [string, unknown])[]): Template {
  const texts = pairs.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (each) => `${escape(name)}=${escape(typeof each === "object" ? JSON.stringify(each) : String(each))}`,
    ),
  );
  return texts.length === 0 ? "" : `?${texts.join("&")}`;
}

/** What stands for something of the run keeps its marks. */
function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, 5_000)).replaceAll(
    /%40%40(\w+)%3A(\d+)%40%40/g,
    "@@$1:$2@@",
  );
}

/** Requests for one operation of the API. */
export function requestsFor(name: OperationName, document: Document): Arbitrary<PlannedRequest> {
  const operation: Operation = operations[name];
  const described = document.paths[operation.path]?.[operation.method];
  const schema = described?.requestBody?.content?.["application/json"]?.schema;
  const parameters = (described?.parameters ?? []).filter((parameter) => parameter.in === "query");
  const takesBody = operation.body !== undefined;
  const kindOf = (parameter: string) => {
    const kind = kindOfParameter(parameter) ?? "any_id";
    if (name === "put_cart_item" && kind === "cart")
      return fc.oneof(anyOf("new_cart"), anyOf("new_cart"), idOf("cart"));
    // What changes an event must leave some that sell.
    const isSafe = kind === "event" && !["change_event", "pause_event"].includes(name);
    return isSafe ? fc.oneof(idOf("shop_event"), idOf("event")) : idOf(kind);
  };
  const body: Arbitrary<Template | null> =
    operation.isSigned === true
      ? stripeMessages
      : schema !== undefined
        ? bodiesOf(schema, document)
        : takesBody
          ? needlessBodies
          : fc.oneof({ weight: 20, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: needlessBodies });
  const method = operation.method.toUpperCase();
  return fc
    .record({
      path: pathsOf(operation.path, kindOf),
      query: queriesOf(parameters, document),
      credential: credentialsFor(operation.access),
      headers: headersOf(takesBody || takesIdempotencyKey(operation)),
      body,
      delivery: deliveries,
      again: takesIdempotencyKey(operation) ? repetitions : fc.constant<Again>("no"),
    })
    .map(({ path, query, headers, ...rest }) => ({
      kind: "request",
      listener: "public",
      target: { kind: "operation", name },
      method,
      path: path + query,
      headers: operation.isSigned === true ? [...headers, signature] : headers,
      ...rest,
    }));
}

const signature: readonly [string, Template] = ["Stripe-Signature", standIn("stripe_signature", 0)];

/** Signed as Stripe would, about orders that exist and others. */
const stripeMessages: Arbitrary<Template> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("payment_intent.succeeded", "payment_intent.canceled", "charge.refunded", "x"),
        idOf("order"),
      )
      .map(([type, order]) =>
        JSON.stringify({
          id: "evt_1",
          object: "event",
          type,
          data: { object: { id: "pi_1", metadata: { order_id: order } } },
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom("", "{", "null", "[]", "a".repeat(70_000))),
  },
);

/** Requests for one call of the operations listener. */
export function operationsRequestsFor(name: OperationsCallName): Arbitrary<PlannedRequest> {
  const call: OperationsCall = operationsCalls[name];
  const none: Document = { paths: {}, components: { schemas: {} } };
  const query = schemaOf(call.query);
  const required = query?.required ?? [];
  const parameters = Object.entries(query?.properties ?? {}).map(([parameter, schema]) => ({
    name: parameter,
    in: "query",
    required: required.includes(parameter),
    schema,
  }));
  const body = schemaOf(call.body);
  const kindOf = (parameter: string): Arbitrary<Template> => {
    if (parameter === "queue") return valuesOf({}, none, "queue").map(String);
    if (parameter === "name")
      return fc.constantFrom("audit-stock", "sweep-overdue-holds", "delete-old-records", "x", "__proto__");
    const kinds: readonly StandIn[] = parameter === "id" ? ["job", "restock_order", "delivery"] : ["event"];
    return fc.oneof(...kinds.map(idOf));
  };
  return fc
    .record({
      path: pathsOf(call.path, kindOf),
      query: queriesOf(parameters, none),
      credential: fc.oneof({ weight: 8, arbitrary: no }, credential("admin"), credential("bad")),
      headers: headersOf(call.body !== undefined).map((headers) =>
        headers.filter(([header]) => !/^Idempotency/i.test(header)),
      ),
      body:
        body === undefined
          ? fc.constant(null)
          : Object.keys(body.properties ?? {}).length === 0
            ? needlessBodies
            : bodiesOf(body, none),
      delivery: deliveries,
      again: fc.constant<Again>("no"),
    })
    .map(({ path, query: text, ...rest }) => ({
      kind: "request",
      listener: "operations",
      target: { kind: "operations call", name },
      method: call.method,
      path: path + text,
      ...rest,
    }));
}

function schemaOf(schema: z.ZodType | undefined): Schema | undefined {
  if (schema === undefined) return undefined;
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
}
