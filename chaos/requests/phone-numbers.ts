/** Area codes of North America, each of which keeps 555-0100 to 555-0199 for fiction. */
const areaCodes = `
  205 212 213 214 215 216 303 305 310 312 313 314 402 404 407 410 412 415 417 501 502 503 505 507
  512 513 515 601 602 603 605 606 607 608 609 612 614 615 616 617 618 619 701 702 703 704 706 707
  708 712 713 714 715 716 717 718 719 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818
  901 903 904 906 907 908 909 912 913 914 915 916`
  .trim()
  .split(/\s+/);

/** A number in E.164 that is kept for fiction, so that nobody has it. */
export function phoneNumberAt(n: number): string {
  const index = n % (areaCodes.length * 100);
  const line = String(index % 100).padStart(2, "0");
  return `+1${areaCodes[Math.floor(index / 100)] ?? "415"}55501${line}`;
}
