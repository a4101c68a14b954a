import { isIP } from "node:net";
import { z } from "zod";

// The forms that values of settings may have. Each reads the text of a variable or a flag.

/** @returns the schema of a whole number, both ends included */
export const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum);

/** A part of all calls. */
export const rate = z
  .string()
  .regex(/^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/)
  .transform(Number);

/** An e-mail address alone, or behind a name: `Box office <tickets@example.org>`. */
export const senderPattern = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** Whether a text is an IPv4 or IPv6 address, with or without the size of its network. */
export function isNetwork(text: string): boolean {
  const [address = "", bits = "1", ...more] = text.split("/");
  const bitsMax = { 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return more.length === 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= bitsMax && !text.includes("%");
}

/** The address of a site or a service, without the slashes at its end. */
export const webAddress = z
  .string()
  .regex(/^https?:\/\/[^\s?#]+$/)
  .refine((text) => URL.canParse(text))
  .transform((text) => text.replace(/\/+$/, ""));
