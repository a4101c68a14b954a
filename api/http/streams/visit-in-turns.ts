/** How many are visited before the event loop serves others. */
const visitsInTurn = 500;

/** Visits many items without keeping everyone else waiting: some in each turn of the event loop, the first ones now. */
export function visitInTurns<Item>(
  items: Iterator<Item>,
  visit: (item: Item) => void,
  onEnd: () => void = () => {},
): void {
  for (let visited = 0; visited < visitsInTurn; visited += 1) {
    const next = items.next();
    if (next.done === true) {
      onEnd();
      return;
    }
    visit(next.value);
  }
  setImmediate(() => visitInTurns(items, visit, onEnd));
}
