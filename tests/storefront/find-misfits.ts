import type { Page } from "playwright-core";

/** The smallest screen that the shop is made for. */
export const smallPhone = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };

/** The widest part of a page, and what juts out of the screen. */
function findOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (each) => each.getBoundingClientRect().right > clientWidth + 1,
    );
    return [`${scrollWidth} of ${clientWidth} px`, ...wide.map((each) => each.outerHTML.slice(0, 120))];
  });
}

/**
 * What can be pressed on less than 44 by 44 px. Measured by what lies around its middle, so that a link that covers its
 * card counts as large as the card. Links within a sentence may be as high as their line.
 */
function findSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const least = 44;
    const isInSentence = (element: Element) =>
      element.matches("a") &&
      getComputedStyle(element).display === "inline" &&
      (element.parentElement?.textContent ?? "").trim() !== (element.textContent ?? "").trim();
    const isPressed = (target: Element, x: number, y: number) =>
      target.contains(document.elementFromPoint(x, y));
    /** How far one can go from the middle of a target and still press it. */
    const reach = (target: Element, middle: DOMPoint, stepX: number, stepY: number) => {
      let length = 0;
      const isOn = () => isPressed(target, middle.x + length * stepX, middle.y + length * stepY);
      while (length < least && isOn()) length += 1;
      return length;
    };
    const place = document.querySelector("dialog[open]") ?? document;
    const found = [...place.querySelectorAll<HTMLElement>("a, button, input, [role=button]")];
    return found.flatMap((element) => {
      // What is out of sight until it has the focus is not pressed with a finger.
      const isMeant = element.checkVisibility() && !isInSentence(element) && !element.matches(".skip-link");
      if (!isMeant) return [];
      const target = element.closest("label") ?? element;
      target.scrollIntoView({ block: "center" });
      const box = target.getBoundingClientRect();
      const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
      const width = reach(target, middle, -1, 0) + reach(target, middle, 1, 0);
      const height = reach(target, middle, 0, -1) + reach(target, middle, 0, 1);
      // A link over two lines has a gap in its middle.
      const isLarge = Math.max(width, box.width) >= least && Math.max(height, box.height) >= least;
      if (isLarge) return [];
      return [`${width} by ${height} px: ${element.outerHTML.slice(0, 160)}`];
    });
  });
}

/** What does not fit on a page: parts that are too wide, and targets that are too small. */
export async function findMisfits(page: Page): Promise<string[]> {
  return [...(await findOverflow(page)), ...(await findSmallTargets(page))];
}
