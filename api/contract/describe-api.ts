import {
  OpenApiGeneratorV31,
  OpenAPIRegistry,
  type ResponseConfig,
  type RouteConfig,
} from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { operationTexts, tags } from "./describe-operations.ts";
import {
  exampleProblem,
  passesByItself,
  problemSchema,
  problemsOf,
  takesIdempotencyKey,
} from "./describe-problems.ts";
import { nameSchema, schemaNames } from "./describe-schemas.ts";
import { describeMessage } from "./describe-webhook-message.ts";
import type { OperationText } from "./operation-text.ts";
import { type Access, type Operation, type OperationName, operations } from "./operations.ts";
import { type ProblemCode, problems } from "./problems.ts";
import { uuid } from "./values.ts";

export type ApiDescription = ReturnType<OpenApiGeneratorV31["generateDocument"]>;

const overview = `Sells exactly as many tickets as there are: one reservation for each user and event, first come, first served.

A reservation begins as a **hold** with a deadline. Confirm it before then and it is a sale; otherwise its tickets go back on sale.

- **Who calls.** Send \`Authorization: Bearer KEY\`. A key has a role: \`admin\`, \`service\` (the shop's backend) or \`observer\` (reads). A buyer token acts for one user.
- **Several events at once.** A cart holds tickets of several events under one deadline; checking it out sells all of them or none.
- **Safe to repeat.** Send an \`Idempotency-Key\` with every POST. Sending the same request again then gives the first answer again, and no second effect.
- **Errors** are \`application/problem+json\` with a stable \`code\`; its \`type\` leads to a page that tells the way out. [All of them](/problems).
- **Times** are RFC 3339 in UTC, from one clock: the database's. **Money** is whole hundredths with a currency.
- **Lists** come in pages: pass the last id as \`starting_after\` while \`has_more\` is true.`;

const header = (description: string, schema: object) => ({ description, schema });

const responseHeaders = {
  "X-Request-Id": header("Under which this request is logged: your own id if you sent one.", {
    type: "string",
  }),
  "Idempotent-Replayed": header("Present when this is the first answer again.", {
    type: "string",
    enum: ["true"],
  }),
  "Retry-After": header("How many seconds to wait before the next try.", { type: "integer", minimum: 1 }),
};

const headerParameters = {
  "Idempotency-Key": z.string().min(1).max(255).optional().meta({
    description:
      "1 to 255 printable ASCII characters that stand for this one request, such as a UUID. Remembered for at least 24 hours.",
  }),
  "X-Request-Id": z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional()
    .meta({ description: "An id of your own for this request, to find it in logs." }),
  "Last-Event-ID": z.string().optional().meta({
    description: "The id of the last message that arrived, when a stream is opened again.",
  }),
  "Stripe-Signature": z.string().meta({ description: "When the message was sent, and its signatures." }),
};

/**
 * Describes the whole API as an OpenAPI 3.1 document, from the same schemas that validate requests. Build it once:
 * it takes some milliseconds and never changes.
 */
export function describeApi(): ApiDescription {
  for (const [schema, name] of schemaNames) nameSchema(schema, name);
  nameSchema(problemSchema, "Problem");
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    description: "An API key: `hf_ROLE_...`. What it may do follows from its role.",
  });
  registry.registerComponent("securitySchemes", "buyerToken", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A short-lived token that acts for one user, from `POST /v1/buyer-tokens`.",
  });
  for (const [name, component] of Object.entries(responseHeaders)) {
    registry.registerComponent("headers", name, component);
  }
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    registry.registerPath(describeOperation(name, operation, operationTexts[name]));
  }
  registry.registerWebhook(describeMessage());
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: { title: "Holdfast API", version: "1", description: overview },
    servers: [{ url: "/", description: "This service" }],
    tags: tags.map((tag) => ({ ...tag })),
  });
}

function describeOperation(name: OperationName, operation: Operation, text: OperationText): RouteConfig {
  const { method, path, summary, query } = operation;
  const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, param = ""]) => [
    param,
    uuid.describe(meaningOf(param)),
  ]);
  return {
    operationId: name,
    method,
    path,
    summary,
    description: `${text.description}\n\n${describeAccess(operation)}`,
    tags: [text.tag],
    security: securityOf(operation.access),
    request: {
      headers: z.object(headersOf(operation)),
      ...(params.length > 0 && { params: z.object(Object.fromEntries(params)) }),
      ...(query instanceof z.ZodObject && { query }),
      ...describeBody(operation, text),
    },
    responses: { [operation.reply.status]: describeReply(operation, text), ...describeProblems(operation) },
  };
}

function headersOf(operation: Operation): Partial<typeof headerParameters> {
  const names: (keyof typeof headerParameters)[] = [];
  if (takesIdempotencyKey(operation)) names.push("Idempotency-Key");
  if (operation.isStream === true && operation.path.includes("{")) names.push("Last-Event-ID");
  if (operation.isSigned === true) names.push("Stripe-Signature");
  names.push("X-Request-Id");
  return Object.fromEntries(names.map((name) => [name, headerParameters[name]]));
}

function describeBody(
  { body, isSigned }: Operation,
  text: OperationText,
): Pick<NonNullable<RouteConfig["request"]>, "body"> {
  if (isSigned === true) return { body: { required: true, content: { "application/json": { schema: {} } } } };
  // A call whose body has no members is made without one.
  if (body === undefined || !schemaNames.has(body)) return {};
  const isOptional = body.safeParse({}).success && text.body === undefined;
  const content = {
    "application/json": { schema: body, ...(text.body !== undefined && { example: text.body }) },
  };
  return { body: { required: !isOptional, content } };
}

function describeReply(operation: Operation, text: OperationText): ResponseConfig {
  const { reply, isStream } = operation;
  const headers = headersNamed([
    "X-Request-Id",
    ...(takesIdempotencyKey(operation) ? (["Idempotent-Replayed"] as const) : []),
  ]);
  if (reply.schema === null) return { description: text.success, headers };
  return {
    description: text.success,
    headers,
    content: {
      [isStream === true ? "text/event-stream" : "application/json"]: {
        schema: reply.schema,
        example: text.reply,
      },
    },
  };
}

/** One answer for each status; the problems that share it stand in it as examples. */
function describeProblems(operation: Operation): Record<string, ResponseConfig> {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => problems[code].status);
  const responses: Record<string, ResponseConfig> = {};
  for (const [status, codes] of byStatus) responses[status] = describeStatus(codes, operation);
  return responses;
}

function describeStatus(codes: readonly ProblemCode[], operation: Operation): ResponseConfig {
  // What a call refuses by its own rules is kept under the request's key, and given again.
  const isKept = takesIdempotencyKey(operation) && codes.some((code) => operation.problems.includes(code));
  return {
    description: codes
      .map((code) => `[\`${code}\`](/problems/${code}): ${problems[code].title}.`)
      .join("\n\n"),
    headers: headersNamed([
      "X-Request-Id",
      ...(codes.some(passesByItself) ? (["Retry-After"] as const) : []),
      ...(isKept ? (["Idempotent-Replayed"] as const) : []),
    ]),
    content: {
      "application/problem+json": {
        schema: problemSchema,
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: problems[code].title, value: exampleProblem(code) }]),
        ),
      },
    },
  };
}

function headersNamed(names: readonly (keyof typeof responseHeaders)[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function securityOf(access: readonly Access[]): Record<string, string[]>[] {
  const ways: Record<string, string[]>[] = [];
  const isForAnyone = access.includes("anyone") || access.includes("signup");
  if (access.some((who) => who !== "buyer" && who !== "signup" && who !== "anyone"))
    ways.push({ apiKey: [] });
  if (access.includes("buyer")) ways.push({ buyerToken: [] });
  if (isForAnyone) ways.push({});
  return ways;
}

function describeAccess({ access, isSigned }: Operation): string {
  if (isSigned === true) return "**Who may call:** anyone who can sign.";
  if (access.length === 1 && access[0] === "anyone") return "**Who may call:** anyone.";
  const names = access.map(nameCaller);
  return `**Who may call:** ${names.join(", ")}.`;
}

function nameCaller(who: Access): string {
  switch (who) {
    case "buyer":
      return "a buyer";
    case "signup":
      return "where sign-up is public, anyone";
    case "anyone":
      return "in a demo, anyone";
    case "admin":
    case "service":
    case "observer":
      return `\`${who}\``;
  }
}

function meaningOf(parameter: string): string {
  return `The ${parameter.replace(/_id$/, "").replaceAll("_", " ")}'s id.`.replace("api key", "API key");
}
