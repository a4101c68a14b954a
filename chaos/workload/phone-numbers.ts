import type { SeededRandom } from "../seeded-random.ts";

/** The area codes of North America whose numbers may be those of mobile phones: first, or first-last. */
const areaCodes =
  "201-210 212-220 223-229 231 234-236 239-240 248-254 256-257 260 262-263 267 269-270 272-274 276 279 281 283 289 301-310 " +
  "312-321 323-327 329-332 334 336-337 339-341 343 346-347 350-354 360-361 363-365 367-369 380 382 385-386 401-410 412-419 " +
  "423-425 428 430-432 434-435 437-438 440 442-443 445 447-448 450 458 463-464 468-470 472 474-475 478-480 484 501-510 " +
  "512-520 530-531 534 539-541 548 551 557 559 561-564 567 570-575 579-582 584-587 601-610 612-620 623 626 628-631 636 " +
  "639-641 645-647 650-651 656-657 659-662 667 669-672 678 680-683 686 689 701-709 712-720 724-728 730-732 734 737-738 740 " +
  "742-743 747-748 753-754 757 760 762-763 765 769-775 778-782 785-787 801-810 812-821 825-826 828-832 835 838-840 843 845 " +
  "847-850 854 856-860 862-865 867 870 872-873 876 878-879 901-910 912-920 925 928-931 934 936-943 945 947-949 951-952 954 " +
  "956 959 970-973 975 978-980 983-986 989";

/** Of each area, 555-0100 to 555-0199 are kept for fiction, so no message can ever reach anybody. */
const numbersPerArea = 100;

/** Gives out phone numbers, each once: some 42,000 in all. */
export class PhoneNumbers {
  readonly #areas = areaCodes.split(" ").flatMap((text) => {
    const [first = 0, last = first] = text.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  readonly #first: number;
  #given = 0;

  /** Begins anywhere, so that two workloads on one database seldom meet. */
  constructor(random: SeededRandom) {
    this.#first = random.between(0, this.#areas.length - 1);
  }

  /** @returns a number in E.164; null when there are no more */
  next(): string | null {
    const index = Math.floor(this.#given / numbersPerArea);
    if (index >= this.#areas.length) return null;
    const area = this.#areas[(this.#first + index) % this.#areas.length];
    const number = String(this.#given % numbersPerArea).padStart(2, "0");
    this.#given += 1;
    return `+1${area}55501${number}`;
  }
}
