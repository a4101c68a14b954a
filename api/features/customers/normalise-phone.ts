/** Only such numbers reach a phone in somebody's hand, and cost an SMS no more than usual. */
const acceptedTypes: ReadonlySet<string> = new Set(["MOBILE", "FIXED_LINE_OR_MOBILE"]);

/** A number of another form is refused before it is parsed, extensions and letters among them. */
const internationalForm = /^\+[0-9 .()-]{1,49}$/;

/** What came of a phone number: its one form in E.164, or one sentence about what is wrong with it. */
export type NormalisedPhone =
  | { readonly kind: "valid"; readonly phoneNumber: string }
  | { readonly kind: "invalid"; readonly fault: string };

/**
 * Brings a phone number into its one form. Every way of writing one number gives the same text.
 *
 * @param text in international form, with spaces, dots, hyphens and parentheses as people like them
 */
export async function normalisePhone(text: string): Promise<NormalisedPhone> {
  if (!internationalForm.test(text))
    return invalid("must be in international form: +, country code and number, such as +1 415 555 0132");
  // What is known of all numbers takes memory; only who needs it pays for it.
  const { parsePhoneNumberFromString } = await import("libphonenumber-js/max");
  const parsed = parsePhoneNumberFromString(text, { extract: false });
  if (parsed === undefined || !parsed.isValid()) return invalid("must be a phone number that exists");
  const type = parsed.getType();
  if (type === undefined || !acceptedTypes.has(type))
    return invalid("must be the number of a mobile phone, at no special rate");
  return { kind: "valid", phoneNumber: parsed.number };
}

function invalid(fault: string): NormalisedPhone {
  return { kind: "invalid", fault };
}
