/** Calls whose answer repeats what was asked for, under the same names. */
const repeating: ReadonlySet<string> = new Set([
  "create_event",
  "change_event",
  "hold_tickets",
  "put_cart_item",
  "check_out_cart",
  "create_api_key",
  "create_buyer_token",
  "create_webhook_endpoint",
]);

/** Members that mean something else in the answer. */
const others: ReadonlySet<string> = new Set(["payment"]);

/** Finds a member of a body that the answer tells differently. @returns its name; null for none */
export function findChangedTerm(name: string, body: unknown, reply: unknown): string | null {
  if (!repeating.has(name) || !isObject(body) || !isObject(reply)) return null;
  const names = Object.keys(body).filter((member) => Object.hasOwn(reply, member) && !others.has(member));
  return names.find((member) => !isSame(body[member], reply[member])) ?? null;
}

function isSame(asked: unknown, told: unknown): boolean {
  if (asked === told) return true;
  if (Array.isArray(asked) && Array.isArray(told))
    return asked.length === told.length && asked.every((each, index) => isSame(each, told[index]));
  if (isObject(asked) && isObject(told))
    return Object.keys(told).every((member) => isSame(asked[member], told[member]));
  // An instant may be asked for with any offset, and with more digits than are kept.
  return typeof asked === "string" && typeof told === "string" && Date.parse(asked) === Date.parse(told);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
