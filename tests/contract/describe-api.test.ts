import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeApi } from "../../api/contract/describe-api.ts";
import { operationTexts } from "../../api/contract/describe-operations.ts";
import {
  exampleProblem,
  problemSchema,
  problemsOf,
  takesIdempotencyKey,
} from "../../api/contract/describe-problems.ts";
import { type Operation, type OperationName, operations } from "../../api/contract/operations.ts";
import { type ProblemCode, problems } from "../../api/contract/problems.ts";

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly description: string;
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Content {
  readonly schema: { readonly $ref?: string };
  readonly example?: unknown;
  readonly examples?: Readonly<
    Record<string, { readonly summary: string; readonly value: { readonly code: string } }>
  >;
}

// What is served is this document as JSON, so that is what is looked at.
const document = JSON.parse(JSON.stringify(describeApi())) as Record<string, unknown> & {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly securitySchemes: object };
};
const names = Object.keys(operations) as OperationName[];
const calls = names.map((name) => {
  const operation: Operation = operations[name];
  return { name, operation, described: document.paths[operation.path]?.[operation.method] as Described };
});

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1 and has what that demands at the top, and nothing that it does not know", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document).toMatchObject({
      info: { title: "Holdfast API", version: "1" },
      servers: [{ url: "/" }],
    });
    const known = ["openapi", "info", "servers", "tags", "components", "paths", "webhooks"];
    expect(Object.keys(document).sort()).toEqual(known.sort());
  });

  it("is the same each time it is made", () => {
    expect(JSON.parse(JSON.stringify(describeApi()))).toEqual(document);
  });

  it("describes every call of the contract, and no other", () => {
    const described = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual([...names].sort());
  });

  it("refers only to what it contains", () => {
    const references = everyNode(document).flatMap((node) =>
      typeof node["$ref"] === "string" ? [node["$ref"]] : [],
    );
    expect(references.length).toBeGreaterThan(50);
    const dangling = references.filter((reference) => lookUp(reference) === undefined);
    expect(dangling).toEqual([]);
  });

  it("has no schema that contradicts itself", () => {
    const types = new Set(["string", "integer", "number", "boolean", "object", "array", "null"]);
    const schemas = everyNode(document).filter((node) => "type" in node && isSchemaType(node["type"]));
    expect(schemas.length).toBeGreaterThan(100);
    for (const schema of schemas) {
      for (const type of [schema["type"]].flat()) expect(types).toContain(type);
      expect(() => new RegExp(String(schema["pattern"] ?? ""), "u")).not.toThrow();
      // The generator writes a flagged pattern with its slash and flags, which then matches nothing.
      expect(String(schema["pattern"] ?? "")).not.toMatch(/\/[a-z]+$/);
      const properties = Object.keys((schema["properties"] as object | undefined) ?? {});
      expect(properties).toEqual(expect.arrayContaining((schema["required"] as string[] | undefined) ?? []));
      expect("nullable" in schema).toBe(false);
    }
  });
});

describe.each(calls)("the description of $name", ({ name, operation, described }) => {
  it("says in words what it does and who may call it", () => {
    expect(described.summary).toBe(operation.summary);
    expect(described.description.length).toBeGreaterThan(60);
    expect(described.description).toContain("**Who may call:**");
    expect(document.tags.map((tag) => tag.name)).toEqual(expect.arrayContaining([...described.tags]));
    const isPublic = operation.access.some((who) => who === "anyone" || who === "signup");
    expect(described.security.some((way) => Object.keys(way).length === 0)).toBe(isPublic);
    expect(described.security.some((way) => "buyerToken" in way)).toBe(operation.access.includes("buyer"));
    for (const scheme of described.security.flatMap((way) => Object.keys(way))) {
      expect(document.components.securitySchemes).toHaveProperty(scheme);
    }
  });

  it("has each parameter of the path, and the headers that it takes", () => {
    const inPath = described.parameters.filter((parameter) => parameter.in === "path");
    expect(inPath.map((parameter) => parameter.name)).toEqual(
      [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter),
    );
    for (const { required, schema } of inPath) {
      expect(required).toBe(true);
      expect(schema).toMatchObject({ type: "string", format: "uuid" });
    }
    const headers = described.parameters
      .filter((parameter) => parameter.in === "header")
      .map(({ name: header }) => header);
    const own: Partial<Record<OperationName, string[]>> = {
      follow_event: ["Last-Event-ID"],
      receive_stripe_webhook: ["Stripe-Signature"],
    };
    const ofKind = own[name] ?? (operation.method === "post" ? ["Idempotency-Key"] : []);
    expect(headers).toEqual([...ofKind, "X-Request-Id"]);
    const keys = described.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(keys).toEqual([...new Set(keys)]);
  });

  it("has an answer that is valid by the schema it names", () => {
    const { status, schema } = operation.reply;
    const answer = described.responses[status];
    expect(answer?.headers).toHaveProperty("X-Request-Id");
    expect("Idempotent-Replayed" in (answer?.headers ?? {})).toBe(takesIdempotencyKey(operation));
    const type = operation.isStream === true ? "text/event-stream" : "application/json";
    expect(Object.keys(answer?.content ?? {})).toEqual(schema === null ? [] : [type]);
    const content = answer?.content?.[type];
    // What has no body is described without one.
    expect(answer?.content === undefined).toBe(schema === null);
    expect(schema === null || /^#\/components\/schemas\/\w+$/.test(content?.schema.$ref ?? "")).toBe(true);
    expect(schema === null || schema.safeParse(content?.example).success).toBe(true);
  });

  it("has each of its problems, and those that any call of its kind may answer, under their statuses", () => {
    const told = Object.entries(described.responses).flatMap(([status, { content }]) => {
      const shown = content?.["application/problem+json"];
      if (shown === undefined) return [];
      expect(shown.schema.$ref).toBe("#/components/schemas/Problem");
      return Object.entries(shown.examples ?? {}).map(([code, { value }]) => {
        expect(value).toEqual(exampleProblem(code as ProblemCode));
        expect(String(problems[code as ProblemCode].status)).toBe(status);
        return code;
      });
    });
    expect(told.sort()).toEqual([...problemsOf(operation)].sort());
    const always = [
      "malformed_request",
      ...(operation.isSigned === true ? [] : ["unauthorized"]),
      "rate_limited",
      "internal_error",
      "overloaded",
      "database_unavailable",
    ];
    expect(told).toEqual(expect.arrayContaining([...operation.problems, ...always]));
    const ofBody = ["body_too_large", "unsupported_media_type", "validation_failed"];
    expect(told).toEqual(expect.arrayContaining(operation.body === undefined ? [] : ofBody));
    expect(told.includes("forbidden")).toBe(
      operation.access.join() !== "anyone" || operation.method !== "get",
    );
    for (const status of ["429", "503"])
      expect(described.responses[status]?.headers).toHaveProperty("Retry-After");
  });
});

const unsigned = calls.filter(({ operation }) => operation.isSigned !== true);

describe.each(unsigned)("the request of $name", ({ name, operation, described }) => {
  it("is valid by the schema it names, and is needed exactly when it says so", () => {
    const content = described.requestBody?.content["application/json"];
    const text = operationTexts[name];
    // A body without members is left out, so whoever leaves it out must be understood.
    const { body = z.strictObject({}) } = operation;
    expect(body.safeParse(content === undefined ? {} : content.example)).toMatchObject({ success: true });
    expect(content?.example).toEqual(text.body);
    expect(content === undefined || /^#\/components\/schemas\/\w+$/.test(content.schema.$ref ?? "")).toBe(
      true,
    );
    expect(described.requestBody?.required ?? false).toBe(content !== undefined);
  });
});

it("leaves what is in a signed message to whoever signs it", () => {
  const signed = calls.filter(({ operation }) => operation.isSigned === true);
  expect(signed.map(({ described }) => described.requestBody)).toEqual([
    { required: true, content: { "application/json": { schema: {} } } },
  ]);
});

describe("the description of the checkout", () => {
  const description = calls.find(({ name }) => name === "check_out_cart")?.described.description;

  it.each([
    ["how long the tickets are kept", "the tickets are kept for this buyer"],
    ["that nobody is charged twice", "nobody is charged twice"],
    ["what becomes of a payment that was not made", "the order is `cancelled`"],
    [
      "what becomes of a payment that comes too late",
      "the money goes back, once, and the order is `refunded`",
    ],
    ["that there is one end", "Each order comes to exactly one end."],
    ["what to do with a pending order", "read it until it has ended, and do not pay again"],
  ])("tells %s", (_what, sentence) => {
    expect(description).toContain(sentence);
  });
});

describe("the example of each problem", () => {
  it.each(Object.keys(problems) as ProblemCode[])("%s is a valid problem document", (code) => {
    expect(problemSchema.safeParse(exampleProblem(code))).toMatchObject({ success: true });
    expect(exampleProblem(code)).toMatchObject({
      code,
      status: problems[code].status,
      type: `/problems/${code}`,
    });
  });
});

function everyNode(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(everyNode);
  return Array.isArray(value) ? below : [value as Record<string, unknown>, ...below];
}

/** Tells the keyword of a schema from a property that is named `type`, and from the type of a problem document. */
function isSchemaType(type: unknown): boolean {
  return Array.isArray(type) || (typeof type === "string" && !/[/.]/.test(type) && type !== "http");
}

function lookUp(reference: string): unknown {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce<unknown>(
    (node, step) => (node as Record<string, unknown> | undefined)?.[step],
    document,
  );
}
