import { z } from "zod";
import { examples } from "./give-examples.ts";
import type { Operation } from "./operations.ts";
import { orderStatus } from "./orders.ts";
import { restockStatus } from "./restock-orders.ts";
import { type ProblemCode, problems } from "./problems.ts";

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** Every refusal and failure, after RFC 9457, with the members that single codes add. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe("Where this code is explained: `/problems/CODE` on this service."),
    title: z.string().describe("What the code means, always in the same words."),
    status: z.int().describe("The status of the answer."),
    detail: z.string().describe("What happened this time, in one sentence or two."),
    code: z.enum(codes).describe("The stable name of the problem. Decide by this one."),
    request_id: z.string().describe("Name it when you ask for help."),
    errors: z
      .array(
        z.strictObject({
          pointer: z
            .string()
            .describe("JSON Pointer to the value; for a query parameter or header, its name behind a slash."),
          detail: z.string().describe("What is wrong with it."),
        }),
      )
      .optional()
      .describe("With `validation_failed`: each value that is not valid."),
    reservation_id: z
      .string()
      .optional()
      .describe("With `duplicate_reservation`: the reservation that the user has."),
    next_expiry_at: z.iso
      .datetime()
      .nullable()
      .optional()
      .describe(
        "With `all_held`: when the next hold ends unless it is confirmed first; null if that is not known.",
      ),
    allowed_at: z.iso
      .datetime()
      .optional()
      .describe(
        "With `rate_limited`, after holds that expired again and again: when the next can be asked for.",
      ),
    available: z.int().optional().describe("With `not_enough_left`: how many tickets are free."),
    sales_start_at: z.iso.datetime().optional().describe("With `sales_not_started`: when sales start."),
    held_and_sold: z.int().optional().describe("With `capacity_too_low`: how many tickets are held or sold."),
    cart_id: z.string().optional().describe("With `reservation_in_cart`: the cart that it belongs to."),
    order_id: z
      .string()
      .optional()
      .describe("With `cart_ordered` and `checkout_in_progress`: the order of the cart."),
    order_status: orderStatus.optional().describe("With `order_not_paid`: what the order is instead."),
    restock_status: restockStatus
      .optional()
      .describe("With `restock_order_closed`: what became of the restock order."),
    restock_order_id: z
      .string()
      .optional()
      .describe("With `restock_in_progress`: the restock order that is under way."),
    quantity: z
      .int()
      .optional()
      .describe("With `delivery_quantity_mismatch`: how many tickets were ordered."),
    currency: z.string().optional().describe("With `currency_mismatch`: the currency that the cart has."),
  })
  .describe("Why a request was refused, or failed.");

/** The members that a code adds, with what they may look like. */
const exampleMembers: { readonly [Code in ProblemCode]?: Readonly<Record<string, unknown>> } = {
  duplicate_reservation: { reservation_id: "019bc3d1-7f40-7a91-b2c4-0d5e00000007" },
  all_held: { next_expiry_at: "2030-05-01T18:10:02.417Z" },
  not_enough_left: { detail: "Only 1 left.", available: 1 },
  sales_not_started: { sales_start_at: "2030-05-01T18:00:00.000Z" },
  sales_paused: { detail: "Sales are paused: The stage is being repaired. Back at 19:00." },
  capacity_too_low: { held_and_sold: 463 },
  reservation_in_cart: { cart_id: examples.cart.id },
  cart_ordered: { order_id: examples.order.id },
  checkout_in_progress: { order_id: examples.order.id },
  cart_expired: { detail: `The cart expired at ${examples.cart.expires_at}. Nothing was charged.` },
  currency_mismatch: { currency: examples.cart.currency },
  restock_order_closed: { restock_status: "cancelled" },
  restock_in_progress: { restock_order_id: examples.restockOrder.id },
  delivery_quantity_mismatch: { quantity: examples.restockOrder.quantity },
  order_not_paid: { order_status: "declined" },
  validation_failed: { errors: [{ pointer: "/quantity", detail: "must be a whole number from 1 to 20" }] },
  database_unavailable: { detail: "The database cannot be reached. Nothing was done." },
};

/** What a problem with this code looks like. */
export function exampleProblem(code: ProblemCode): z.input<typeof problemSchema> {
  const { status, title } = problems[code];
  const request_id = "req_5f0c2a9be3d14k";
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: `${title}.`,
    code,
    request_id,
    ...exampleMembers[code],
  };
}

/** Whether the same request may succeed a moment later, so that the answer carries Retry-After. */
export function passesByItself(code: ProblemCode): boolean {
  return [429, 503].includes(problems[code].status) || code === "idempotency_in_progress";
}

/** Whether a request may name a key under which its reply is kept. What is signed has its own way to be told apart. */
export function takesIdempotencyKey({ method, isSigned }: Operation): boolean {
  return method === "post" && isSigned !== true;
}

/** Every problem that a call may answer: its own, and those that follow from what it takes and who may call. */
export function problemsOf(operation: Operation): ProblemCode[] {
  const isPublic = operation.access.length === 1 && operation.access[0] === "anyone";
  const isSigned = operation.isSigned === true;
  const takesBody = operation.body !== undefined;
  const takesKey = takesIdempotencyKey(operation);
  const general: readonly (readonly [boolean, ...ProblemCode[]])[] = [
    [true, "malformed_request"],
    [!isSigned, "unauthorized"],
    // A change that a browser sends for another site's page is refused whoever may ask.
    [!isPublic || operation.method !== "get", "forbidden"],
    [true, ...operation.problems],
    [takesKey, "idempotency_in_progress"],
    [takesBody || isSigned, "body_too_large"],
    [takesBody, "unsupported_media_type"],
    [takesBody || operation.query !== undefined, "validation_failed"],
    [takesKey, "idempotency_mismatch"],
    [true, "rate_limited", "internal_error", "overloaded", "database_unavailable"],
  ];
  const applying = general.flatMap(([applies, ...some]) => (applies ? some : []));
  return [...new Set(applying)].sort((a, b) => problems[a].status - problems[b].status);
}
