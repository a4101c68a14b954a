/** The currencies that Stripe counts in whole units, in thousandths, and in hundredths that must be whole units. */
const inUnits = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "));
const inThousandths = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);
const inWholeHundreds = new Set(["ISK", "UGX"]);

/**
 * What Stripe calls an amount.
 *
 * @param amountCents in hundredths of the currency, whatever its own smallest coin is
 * @returns null when the currency has no coin small enough for it
 */
export function stripeAmountOf(amountCents: number, currency: string): number | null {
  if (inThousandths.has(currency)) return amountCents * 10;
  const isWhole = amountCents % 100 === 0;
  if (inUnits.has(currency)) return isWhole ? amountCents / 100 : null;
  return inWholeHundreds.has(currency) && !isWhole ? null : amountCents;
}
