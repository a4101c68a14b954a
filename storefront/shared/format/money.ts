const locale = chooseLocale();
const countFormat = new Intl.NumberFormat(locale);

const formats = new Map<string, Intl.NumberFormat>();

/** Writes a price. @param cents in hundredths of the currency, whatever its coins are @param currency an ISO 4217 code */
export function formatMoney(cents: number, currency: string): string {
  // What is charged is shown to the hundredth, also in currencies that have none of them.
  const digits = cents % 100 === 0 && usualDigitsOf(currency) === 0 ? 0 : 2;
  return moneyFormat(currency, digits).format(cents / 100);
}

/** The price of one ticket, in words where it costs nothing. */
export function formatPrice(cents: number, currency: string): string {
  return cents === 0 ? "Free" : formatMoney(cents, currency);
}

/** Writes a number of things, with the separators of the reader. */
export function formatCount(count: number): string {
  return countFormat.format(count);
}

/** "1 ticket", "3 tickets". */
export function formatTickets(count: number): string {
  return count === 1 ? "1 ticket" : `${formatCount(count)} tickets`;
}

function usualDigitsOf(currency: string): number {
  return moneyFormat(currency, null).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Making a format takes long, so each is made once. */
function moneyFormat(currency: string, digits: number | null): Intl.NumberFormat {
  const name = `${currency} ${digits ?? "usual"}`;
  const known = formats.get(name);
  if (known !== undefined) return known;
  const fixed = digits === null ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const made = new Intl.NumberFormat(locale, { style: "currency", currency, ...fixed });
  formats.set(name, made);
  return made;
}

/** The page is in English, so an English locale of the reader's is used if there is one that the browser knows. */
function chooseLocale(): string {
  return navigator.languages.find((language) => language.startsWith("en") && isKnown(language)) ?? "en-GB";
}

/** Some systems hand over names that are no language tags, such as en-US@posix. */
function isKnown(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}
