import { z } from "zod";
import { currencyCode, instant, priceCents, printableText, uuid, wholeNumber } from "./values.ts";

const supplierUrl = z
  .string()
  .max(2000)
  .refine((text) => text === "demo:" || isHttpUrl(text), {
    message: "must be an http or https URL, or demo:",
  })
  .meta({ description: "An http or https URL; `demo:` is the built-in supplier." });

export const restock = z.strictObject({
  threshold: wholeNumber(0, 10_000_000).meta({
    description: "Order more when fewer tickets than this are free.",
  }),
  quantity: wholeNumber(1, 10_000_000).meta({ description: "How many tickets to order." }),
  supplier_url: supplierUrl,
});

const meaning = {
  name: "What buyers read.",
  capacity: "How many tickets there are in all. `available + held + sold` is always exactly this.",
  hold_seconds: "How long a hold lasts, and how much each extension adds.",
  max_quantity: "The most tickets in one reservation.",
  max_extensions: "How often a hold can be extended.",
  sales_start_at: "Reservations are refused before; null for no such limit.",
  sales_end_at: "Reservations are refused from then on; null for no such limit.",
  requires_verified_phone:
    "Whether only customers with a verified phone may reserve, one reservation for each phone.",
  restock: "When and where to order more tickets; null for never.",
};

const terms = {
  name: printableText(200).describe(meaning.name),
  capacity: wholeNumber(0, 10_000_000).describe(meaning.capacity),
  price_cents: priceCents,
  currency: currencyCode,
  hold_seconds: wholeNumber(1, 86_400).describe(meaning.hold_seconds),
  max_quantity: wholeNumber(1, 20).describe(meaning.max_quantity),
  max_extensions: wholeNumber(0, 10).describe(meaning.max_extensions),
  sales_start_at: instant.nullable().describe(meaning.sales_start_at),
  sales_end_at: instant.nullable().describe(meaning.sales_end_at),
  requires_verified_phone: z.boolean().describe(meaning.requires_verified_phone),
  restock: restock.nullable().describe(meaning.restock),
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

export const pauseEventBody = z.strictObject({
  reason: printableText(500).describe("Buyers who are refused are told it."),
});

export const noBody = z.strictObject({});

const eventStatus = z.enum(["scheduled", "on_sale", "paused", "all_held", "sold_out", "ended"]);

export const eventReply = z.strictObject({
  id: uuid,
  name: z.string().describe(meaning.name),
  capacity: z.int().min(0).describe(meaning.capacity),
  available: z.int().min(0).describe("Tickets that are free."),
  held: z.int().min(0).describe("Tickets that are held for somebody."),
  sold: z.int().min(0).describe("Tickets of confirmed reservations."),
  version: z.int().min(1).describe("Rises with every change of the stock or of the event."),
  status: eventStatus.describe("What a buyer may expect now."),
  price_cents: z.int().min(0).describe("The price of one ticket, in hundredths of the currency."),
  currency: z.string().describe("An ISO 4217 code."),
  hold_seconds: z.int().describe(meaning.hold_seconds),
  max_quantity: z.int().describe(meaning.max_quantity),
  max_extensions: z.int().describe(meaning.max_extensions),
  sales_start_at: instant.nullable().describe(meaning.sales_start_at),
  sales_end_at: instant.nullable().describe(meaning.sales_end_at),
  requires_verified_phone: z.boolean().describe(meaning.requires_verified_phone),
  restock: restock.nullable().describe(meaning.restock),
  created_at: instant,
});

export type CreateEventBody = z.infer<typeof createEventBody>;
export type ChangeEventBody = z.infer<typeof changeEventBody>;
export type EventReply = z.infer<typeof eventReply>;

function isHttpUrl(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
