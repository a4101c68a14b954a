import fc, { type Arbitrary } from "fast-check";
import { anyText } from "./any-text.ts";
import { hostileText, surplusNames } from "./hostile-text.ts";
import { type Document, resolveSchema, type Schema } from "./json-schema.ts";
import type { Template } from "./plan.ts";
import { beyondSchema, valuesOf } from "./schema-values.ts";

type Json = Record<string, unknown>;

/** A body that the schema allows, or one that is wrong in one of the ways in which a body can be wrong. */
export function bodiesOf(schema: Schema, document: Document): Arbitrary<Template> {
  const valid = valuesOf(schema, document);
  return fc.oneof(
    { weight: 20, arbitrary: valid.map(toJson) },
    { weight: 6, arbitrary: spoiled(schema, valid, document) },
    { weight: 2, arbitrary: withSurplus(valid) },
    { weight: 1, arbitrary: withoutMember(valid) },
    { weight: 1, arbitrary: brokenText(valid) },
    { weight: 1, arbitrary: otherDocuments },
  );
}

/** What is sent where nothing is asked for: mostly nothing. */
export const needlessBodies: Arbitrary<Template | null> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(null) },
  { weight: 6, arbitrary: fc.constant("{}") },
  {
    weight: 2,
    arbitrary: fc.oneof(
      surplusNames.map((name) => `{${toJson(name)}:1}`),
      fc.constantFrom("[]", "null", "1", '""', "{", ""),
    ),
  },
);

/** One member of a valid body, at any depth, has a value that it must not have. */
function spoiled(schema: Schema, valid: Arbitrary<unknown>, document: Document): Arbitrary<Template> {
  const paths = pathsOf(schema, document);
  if (paths.length === 0) return valid.map(toJson);
  const place = fc.constantFrom(...paths).chain(({ path, schema: member }) =>
    fc.record({
      path: fc.constant(path),
      value: fc.oneof(
        { weight: 4, arbitrary: beyondSchema(member, document) },
        { weight: 2, arbitrary: hostileText },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
      ),
    }),
  );
  return fc.tuple(valid, place).map(([value, { path, value: bad }]) => toJson(replaceAt(value, path, bad)));
}

interface Place {
  readonly path: readonly string[];
  readonly schema: Schema;
}

function pathsOf(schema: Schema, document: Document): Place[] {
  const { properties = {} } = resolveSchema(schema, document);
  return Object.entries(properties).flatMap(([name, member]) => [
    { path: [name], schema: member },
    ...pathsOf(member, document).map((place) => ({ path: [name, ...place.path], schema: place.schema })),
  ]);
}

function replaceAt(value: unknown, [name, ...rest]: readonly string[], bad: unknown): unknown {
  if (name === undefined) return bad;
  const members: Json = isObject(value) ? value : {};
  return { ...members, [name]: replaceAt(members[name], rest, bad) };
}

/** Written by hand, so that names can occur twice and `__proto__` is a name like any other. */
function withSurplus(valid: Arbitrary<unknown>): Arbitrary<Template> {
  return fc.tuple(valid, surplusNames, fc.jsonValue({ maxDepth: 1 })).map(([value, name, surplus]) => {
    const text = toJson(value);
    const member = `${toJson(name)}:${toJson(surplus)}`;
    return text === "{}" || !text.startsWith("{") ? `{${member}}` : `{${member},${text.slice(1)}`;
  });
}

function withoutMember(valid: Arbitrary<unknown>): Arbitrary<Template> {
  return fc.tuple(valid, fc.nat(20)).map(([value, n]) => {
    if (!isObject(value)) return toJson(value);
    const names = Object.keys(value);
    const gone = names[n % Math.max(names.length, 1)];
    return toJson(Object.fromEntries(Object.entries(value).filter(([name]) => name !== gone)));
  });
}

/** A valid body whose text is not valid any more, or is just so. */
function brokenText(valid: Arbitrary<unknown>): Arbitrary<Template> {
  const breaking = fc.constantFrom<(text: string) => string>(
    (text) => text.slice(0, -1),
    (text) => text.slice(0, Math.floor(text.length / 2)),
    (text) => `${text}}`,
    (text) => `${text}${text}`,
    (text) => `\ufeff${text}`,
    (text) => ` \n\t${text}\r\n`,
    (text) => text.replaceAll('"', "'"),
    (text) => text.replace("}", ",}"),
    (text) => `/* */${text}`,
    (text) => text.replace("{", "{\u0000"),
    (text) => text.replace(/:(?=[^:]*$)/, ":NaN,"),
    (text) => text.replace(/:[^:]*$/, ":01}"),
    (text) => `${text}${" ".repeat(17_000)}`,
  );
  return fc.tuple(valid, breaking).map(([value, breakText]) => breakText(toJson(value)));
}

const otherDocuments: Arbitrary<Template> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("", " ", "null", "true", "0", '"text"', "[]", "[{}]", "{}", '{"":{}}'),
  },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constant(`${"[".repeat(4_000)}${"]".repeat(4_000)}`) },
  { weight: 1, arbitrary: fc.constant(`${'{"a":'.repeat(2_500)}1${"}".repeat(2_500)}`) },
  { weight: 1, arbitrary: fc.constant(`{"user_id":"${"a".repeat(17_000)}"}`) },
  { weight: 1, arbitrary: anyText(60) },
);

function toJson(value: unknown): string {
  return JSON.stringify(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
