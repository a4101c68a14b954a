const shownDigits = 3;

/** A phone number of which only the last 3 digits can be read. */
export function maskPhone(phoneNumber: string): string {
  const hidden = Math.max(phoneNumber.length - shownDigits, 0);
  return "•".repeat(hidden) + phoneNumber.slice(hidden);
}
