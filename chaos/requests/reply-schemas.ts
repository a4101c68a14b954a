import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describeApi } from "../../api/contract/describe-api.ts";
import { type Operation, type OperationName, operations } from "../../api/contract/operations.ts";
import type { Document } from "./json-schema.ts";

/** Tells what is wrong with a value; null for nothing. */
export type Check = (value: unknown) => string | null;

/** The document that the service serves, read as a client reads it. */
function readDocument(): Document {
  return JSON.parse(JSON.stringify(describeApi())) as Document;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every schema of the document, ready to judge by: what replies must be, and what requests may be. */
export class ReplySchemas {
  readonly document: Document;
  readonly problem: Check;
  readonly stockMessage: Check;
  readonly #replies = new Map<OperationName, Check>();
  readonly #bodies = new Map<OperationName, Check>();

  constructor(document: Document = readDocument()) {
    this.document = document;
    const replies = createAjv(closeProblem(document), { "date-time": instant, uuid });
    // A request may be wrong in ways that only the service can tell, such as an address of a mailbox.
    const requests = createAjv(document, { "date-time": true, uuid: true });
    this.problem = checkBy(replies, "#/components/schemas/Problem");
    this.stockMessage = checkBy(replies, "#/components/schemas/StockMessage");
    for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
      const here = `#/paths/${escapePointer(operation.path)}/${operation.method}`;
      const { status, schema } = operation.reply;
      if (schema !== null && operation.isStream !== true)
        this.#replies.set(
          name,
          checkBy(replies, `${here}/responses/${status}/content/application~1json/schema`),
        );
      const described = document.paths[operation.path]?.[operation.method];
      if (operation.isSigned !== true && described?.requestBody !== undefined)
        this.#bodies.set(name, checkBy(requests, `${here}/requestBody/content/application~1json/schema`));
    }
  }

  /** @returns null for a call that is answered without a document */
  replyOf(name: OperationName): Check | null {
    return this.#replies.get(name) ?? null;
  }

  /** @returns null for a call that takes no body of its own */
  bodyOf(name: OperationName): Check | null {
    return this.#bodies.get(name) ?? null;
  }
}

function createAjv(document: object, formats: Record<string, RegExp | true>): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: false,
    formats: { uri: true, email: true, ...formats },
  });
  ajv.addSchema(document, "api");
  return ajv;
}

/** A client may meet further members one day; today there are none beside those that are described. */
function closeProblem(document: Document): Document {
  const { schemas } = document.components;
  const closed = { ...schemas["Problem"], additionalProperties: false };
  return { ...document, components: { ...document.components, schemas: { ...schemas, Problem: closed } } };
}

function checkBy(ajv: Ajv2020, pointer: string): Check {
  const validate: ValidateFunction = ajv.compile({ $ref: `api${pointer}` });
  return (value) => {
    if (validate(value) === true) return null;
    const [first] = validate.errors ?? [];
    return `${first?.instancePath ?? ""} ${first?.message ?? "is not valid"} ${JSON.stringify(first?.params ?? {})}`.trim();
  };
}

function escapePointer(path: string): string {
  return encodeURIComponent(path.replaceAll("~", "~0").replaceAll("/", "~1")).replaceAll("~", "~");
}
