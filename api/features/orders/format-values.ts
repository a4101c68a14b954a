/**
 * An amount for people, with its currency and as many decimals as that has: $12.50, ¥1,200.
 *
 * @param amountCents in hundredths of the currency, whatever its own smallest coin is
 */
export function formatAmount(amountCents: number, currency: string): string {
  const { ownDecimals, hundredths, decimals } = formatsOf(currency);
  const isExact = decimals >= 2 || amountCents % 10 ** (2 - decimals) === 0;
  // A price below the currency's smallest coin is shown as it is, not as one that it rounds to.
  return (isExact ? ownDecimals : hundredths).format(amountCents / 100);
}

interface AmountFormats {
  readonly ownDecimals: Intl.NumberFormat;
  readonly hundredths: Intl.NumberFormat;
  readonly decimals: number;
}

/** Making a format costs more than everything else about a receipt. There are as many as currencies. */
const formats = new Map<string, AmountFormats>();

function formatsOf(currency: string): AmountFormats {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const options = { style: "currency", currency } as const;
  const ownDecimals = new Intl.NumberFormat("en", options);
  const made = {
    ownDecimals,
    hundredths: new Intl.NumberFormat("en", { ...options, minimumFractionDigits: 2 }),
    decimals: ownDecimals.resolvedOptions().maximumFractionDigits ?? 2,
  };
  formats.set(currency, made);
  return made;
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
