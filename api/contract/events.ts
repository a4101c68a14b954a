import { z } from "zod";
import { currencyCode, instant, priceCents, printableText, uuid, wholeNumber } from "./values.ts";

const supplierUrl = z
  .string()
  .max(2000)
  .refine((text) => text === "demo:" || isHttpUrl(text), {
    message: "must be an http or https URL, or demo:",
  });

export const restock = z.strictObject({
  threshold: wholeNumber(0, 10_000_000),
  quantity: wholeNumber(1, 10_000_000),
  supplier_url: supplierUrl,
});

const terms = {
  name: printableText(200),
  capacity: wholeNumber(0, 10_000_000),
  price_cents: priceCents,
  currency: currencyCode,
  hold_seconds: wholeNumber(1, 86_400),
  max_quantity: wholeNumber(1, 20),
  max_extensions: wholeNumber(0, 10),
  sales_start_at: instant.nullable(),
  sales_end_at: instant.nullable(),
  requires_verified_phone: z.boolean(),
  restock: restock.nullable(),
};

export const createEventBody = z.strictObject({
  name: terms.name,
  capacity: terms.capacity,
  price_cents: terms.price_cents.default(0),
  currency: terms.currency.default("USD"),
  hold_seconds: terms.hold_seconds.default(600),
  max_quantity: terms.max_quantity.default(1),
  max_extensions: terms.max_extensions.default(1),
  sales_start_at: terms.sales_start_at.default(null),
  sales_end_at: terms.sales_end_at.default(null),
  requires_verified_phone: terms.requires_verified_phone.default(false),
  restock: terms.restock.default(null),
});

export const changeEventBody = z.strictObject(terms).partial();

export const pauseEventBody = z.strictObject({ reason: printableText(500) });

export const noBody = z.strictObject({});

export const eventStatus = z.enum(["scheduled", "on_sale", "paused", "all_held", "sold_out", "ended"]);

export const eventReply = z.strictObject({
  id: uuid,
  name: z.string(),
  capacity: z.int().min(0),
  available: z.int().min(0),
  held: z.int().min(0),
  sold: z.int().min(0),
  version: z.int().min(1),
  status: eventStatus,
  price_cents: z.int().min(0),
  currency: z.string(),
  hold_seconds: z.int(),
  max_quantity: z.int(),
  max_extensions: z.int(),
  sales_start_at: instant.nullable(),
  sales_end_at: instant.nullable(),
  requires_verified_phone: z.boolean(),
  restock: restock.nullable(),
  created_at: instant,
});

export type CreateEventBody = z.infer<typeof createEventBody>;
export type ChangeEventBody = z.infer<typeof changeEventBody>;
export type EventReply = z.infer<typeof eventReply>;

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
