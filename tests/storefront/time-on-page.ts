/**
 * A pattern for a time of day as the pages tell it. Shortly before midnight a deadline is tomorrow's, and its day is told
 * as well.
 *
 * @param before the words before it @param after what follows
 */
export function timeOnPage(before: string, instant: Date | string, after = ""): RegExp {
  const time = new Date(instant).toISOString().slice(11, 16);
  return new RegExp(`^${before} (?:[\\w ,]+, )?${time}${after}$`);
}
