import { mistakeAt } from "../../shared/api/explain-problem.ts";
import { textOf } from "../../shared/storage/read-members.ts";
import { storedValue } from "../../shared/storage/stored-value.ts";

/** What a customer is asked for. */
export interface Details {
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone_number: string;
}

export type DetailName = keyof Details;

/** What is wrong, by the field it is wrong in. */
export type Mistakes = { readonly [Name in DetailName]?: string };

export const detailNames = ["first_name", "last_name", "email", "phone_number"] as const;

export const noDetails: Details = { first_name: "", last_name: "", email: "", phone_number: "" };

/** What was typed so far. Kept for as long as the tab lives, so that nothing has to be typed twice. */
export const storedDetails = storedValue<Details>(
  "holdfast-customer-draft",
  (json) => {
    const [first_name, last_name] = [textOf(json, "first_name"), textOf(json, "last_name")];
    const [email, phone_number] = [textOf(json, "email"), textOf(json, "phone_number")];
    if (first_name === null || last_name === null || email === null || phone_number === null) return null;
    return { first_name, last_name, email, phone_number };
  },
  () => sessionStorage,
);

/** Strict enough to catch slips; the service has the last word. */
export function findMistakes(details: Details): Mistakes {
  const [firstName, lastName] = [details.first_name.trim(), details.last_name.trim()];
  return {
    ...(firstName === "" && { first_name: "Enter your first name." }),
    ...(lastName === "" && { last_name: "Enter your last name." }),
    ...(!isAddress(details.email) && {
      email: "Enter your whole e-mail address, such as name@example.org.",
    }),
    ...(!isPhone(details.phone_number) && {
      phone_number: "Enter your mobile number with + and the country's code, such as +49 151 12345678.",
    }),
  };
}

/** What the service found wrong with a sign-up. */
export function mistakesIn(error: unknown): Mistakes {
  const names = { first_name: "The first name", last_name: "The last name", email: "The e-mail address" };
  const phone = mistakeAt(error, "/customer/phone_number");
  const told = Object.entries(names).flatMap(([field, name]) => {
    const detail = mistakeAt(error, `/customer/${field}`);
    return detail === null ? [] : [[field, `${name} ${detail}.`]];
  });
  return { ...Object.fromEntries(told), ...(phone !== null && { phone_number: `The number ${phone}.` }) };
}

function isAddress(email: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(email.trim());
}

function isPhone(phone: string): boolean {
  return /^\+[\d\s.()/-]{7,49}$/.test(phone.trim());
}
