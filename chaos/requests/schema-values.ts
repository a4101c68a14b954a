import fc, { type Arbitrary } from "fast-check";
import { printableText } from "./any-text.ts";
import { type Document, resolveSchema, type Schema, typesOf } from "./json-schema.ts";
import { likelyValues } from "./likely-values.ts";

/** Longer ones would only cost time: limits of length are met by `beyondSchema`. */
const usualLengthMax = 40;

/**
 * Makes values that a schema allows, those at its limits among them.
 *
 * @param name of the member that the value is for; empty for none
 */
export function valuesOf(schema: Schema, document: Document, name = ""): Arbitrary<unknown> {
  const own = resolveSchema(schema, document);
  const plain = plainValuesOf(own, document);
  const likely = likelyValues.get(name);
  if (likely === undefined) return plain;
  const needsFilter = own.enum !== undefined || name === "token";
  return needsFilter ? likely : fc.oneof({ weight: 12, arbitrary: likely }, { weight: 1, arbitrary: plain });
}

function plainValuesOf(schema: Schema, document: Document): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => valuesOf(each, document)));
  const [whole] = schema.allOf ?? [];
  if (whole !== undefined) return valuesOf(whole, document);
  const byType = typesOf(schema).map((type) => valuesOfType(type, schema, document));
  return byType.length === 0 ? fc.jsonValue({ maxDepth: 2 }) : fc.oneof(...byType);
}

function valuesOfType(type: string, schema: Schema, document: Document): Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return integersOf(schema);
    case "string":
      return textsOf(schema);
    case "array":
      return itemsOf(schema, document);
    case "object":
      return objectsOf(schema, document);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function integersOf({ minimum = -1_000_000, maximum = 1_000_000 }: Schema): Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: minimum, max: maximum }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
  );
}

function textsOf({ format, pattern, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc
      .date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
      .map((date) => date.toISOString());
  // Of any other host but this machine no address may be named.
  if (format === "uri") return fc.constant("http://127.0.0.1:9/closed");
  if (format === "email") return fc.constant("ada@example.org");
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const usual = fc.string({
    minLength,
    maxLength: Math.min(maxLength, usualLengthMax),
    unit: "grapheme-ascii",
  });
  const longest = fc.constantFrom("a", "é", "漢", "🎫").map((letter) => letter.repeat(maxLength));
  const others = printableText(minLength, Math.min(maxLength, 12));
  return fc.oneof(
    { weight: 6, arbitrary: usual },
    { weight: 2, arbitrary: others },
    { weight: 1, arbitrary: longest },
  );
}

function itemsOf(schema: Schema, document: Document): Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = 4 } = schema;
  const limits = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) };
  return schema.uniqueItems === true
    ? fc.uniqueArray(valuesOf(items, document), limits)
    : fc.array(valuesOf(items, document), limits);
}

function objectsOf({ properties = {}, required = [] }: Schema, document: Document): Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, schema]) => [
    name,
    valuesOf(schema, document, name),
  ]);
  const model: Record<string, Arbitrary<unknown>> = Object.fromEntries(members);
  return fc.record(model, { requiredKeys: required.filter((name) => Object.hasOwn(model, name)) });
}

/** Makes values just beyond what a schema allows, or of another type altogether. */
export function beyondSchema(schema: Schema, document: Document): Arbitrary<unknown> {
  const own = resolveSchema(schema, document);
  const beyond: unknown[] = [
    null,
    true,
    [],
    {},
    [null],
    { a: 1 },
    "",
    "0",
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    1e308,
    -0,
  ];
  if (own.minimum !== undefined) beyond.push(own.minimum - 1, String(own.minimum));
  if (own.maximum !== undefined) beyond.push(own.maximum + 1, own.maximum + 0.5, String(own.maximum));
  if (own.maxLength !== undefined) beyond.push("a".repeat(own.maxLength + 1), "🎫".repeat(own.maxLength + 1));
  if (own.maxItems !== undefined) beyond.push(Array.from({ length: own.maxItems + 1 }, (_, n) => String(n)));
  if (own.enum !== undefined) beyond.push("Held", "DEMO", "none");
  if (own.format === "date-time")
    beyond.push("2030-02-30T00:00:00Z", "2030-01-01", "+012030-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
  if (own.format === "email") beyond.push("a@b", "a b@example.org", "@example.org", "a@example.org\n");
  if (own.pattern !== undefined) beyond.push("\n123456", "USD\n", "usd");
  return fc.constantFrom(...beyond);
}
