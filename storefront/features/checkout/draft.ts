import { textOf } from "../../shared/storage/read-members.ts";
import { storedValue } from "../../shared/storage/stored-value.ts";
import { testCards } from "./test-cards.ts";

/** What was typed so far. */
export interface CheckoutDraft {
  readonly email: string;
  /** The test card that is chosen. */
  readonly token: string;
}

export const emptyDraft: CheckoutDraft = { email: "", token: testCards[0].token };

/** Kept for as long as the tab lives, so that nothing has to be typed twice after an expiry, a reload or a way back. */
export const storedDraft = storedValue<CheckoutDraft>(
  "holdfast-checkout-draft",
  (json) => {
    const [email, token] = [textOf(json, "email"), textOf(json, "token")];
    return email === null || token === null ? null : { email, token };
  },
  () => sessionStorage,
);

/** Strict enough to catch slips; the service has the last word. @returns what is wrong, or null */
export function findEmailMistake(email: string): string | null {
  const text = email.trim();
  if (text === "") return "Enter your e-mail address: the receipt goes there.";
  const isAddress = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text);
  return isAddress ? null : "Enter the whole e-mail address, such as name@example.org.";
}
