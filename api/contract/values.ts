import { z } from "zod";

/** A UUID in its canonical text form; upper case is taken and folded. */
export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, "must be a UUID")
  .transform((text) => text.toLowerCase())
  // A pattern in JSON Schema has no flag that lets upper case in.
  .meta({ format: "uuid", pattern: "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" });

const printableAscii = /^[\x20-\x7e]+$/;
const printable = /^\P{C}+$/u;

/** Text without control characters, lone surrogates or other characters that cannot be shown. */
export function printableText(charactersMax: number) {
  const isValid = (text: string) => {
    if (printableAscii.test(text)) return text.length <= charactersMax;
    return text.length <= 2 * charactersMax && printable.test(text) && [...text].length <= charactersMax;
  };
  const message = `must have 1 to ${charactersMax} printable characters`;
  return z.string().refine(isValid, { message }).meta({ minLength: 1, maxLength: charactersMax });
}

/** A whole number between two limits, both included. */
export function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int({ message }).min(minimum, { message }).max(maximum, { message });
}

/** The instants whose year has four digits in UTC, in milliseconds since 1970. */
const firstInstantMs = Date.parse("0001-01-01T00:00:00.000Z");
const lastInstantMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An instant such as 2030-01-31T18:00:00.000Z, with any offset; answered in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, message: "must be an RFC 3339 instant" })
  .refine((text) => Date.parse(text) >= firstInstantMs && Date.parse(text) <= lastInstantMs, {
    message: "must lie in the years 1 to 9999, told in UTC",
  });

/** A user of the shop, under whatever name the shop gives. */
export const userId = printableText(128).meta({
  description: "Whom the tickets are for, in the shop's own words.",
});

export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code of three capital letters")
  .meta({ description: "An ISO 4217 code." });

/** Cents are exact up to here, with room to spare for totals. */
export const priceCents = wholeNumber(0, 1_000_000_000_000).meta({
  description: "The price of one ticket, in hundredths of the currency.",
});
