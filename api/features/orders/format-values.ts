/**
 * An amount for people, with its currency and as many decimals as that has: $12.50, ¥1,200.
 *
 * @param amountCents in hundredths of the currency, whatever its own smallest coin is
 */
export function formatAmount(amountCents: number, currency: string): string {
  const options = { style: "currency", currency } as const;
  const format = new Intl.NumberFormat("en", options);
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  const isExact = decimals >= 2 || amountCents % 10 ** (2 - decimals) === 0;
  if (isExact) return format.format(amountCents / 100);
  // A price below the currency's smallest coin is shown as it is, not as one that it rounds to.
  return new Intl.NumberFormat("en", { ...options, minimumFractionDigits: 2 }).format(amountCents / 100);
}

const instantFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

/** An instant for people, such as "5 March 2027 at 18:30 UTC". @param ms since 1970 */
export function formatInstant(ms: number): string {
  return `${instantFormat.format(ms)} UTC`;
}
