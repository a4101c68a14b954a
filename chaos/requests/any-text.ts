import fc, { type Arbitrary } from "fast-check";

/**
 * Text of any code units, broken pairs among them. fast-check's own texts of all of Unicode are made from tables that
 * take seconds to build, at every start.
 */
export function anyText(lengthMax: number): Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x100, max: 0xffff }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 9, 10, 0x7f, 0x200b, 0x202e, 0xd800, 0xdc00, 0xfeff, 0xffff) },
  );
  return fc.array(unit, { maxLength: lengthMax }).map((units) => String.fromCharCode(...units));
}

/** Text that can be shown: letters of many alphabets, marks that join the one before, symbols beyond the first plane. */
export function printableText(lengthMin: number, lengthMax: number): Arbitrary<string> {
  const letter = fc.constantFrom(
    "a",
    "Z",
    "0",
    " ",
    "-",
    "'",
    '"',
    "&",
    "<",
    "é",
    "ß",
    "İ",
    "Ω",
    "я",
    "م",
    "漢",
    "ｱ",
    "\u0301",
    "🎫",
    "𝒳",
    "€",
    "±",
  );
  return fc.array(letter, { minLength: lengthMin, maxLength: lengthMax }).map((letters) => letters.join(""));
}
