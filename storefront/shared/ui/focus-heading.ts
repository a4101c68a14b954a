/** Gives the focus to the heading of what is looked at, after what had it has gone. */
export function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("dialog[open] h2") ?? document.querySelector("h1");
  heading?.focus({ preventScroll: true });
}
