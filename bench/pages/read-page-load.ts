/** What one load of a page took. */
export interface PageLoad {
  /** From the start of the navigation to the largest contentful paint, in ms. */
  readonly lcpMs: number;
  /** Of scripts and styles, as they came over the wire. */
  readonly codeBytes: number;
  /** Of these, the document and the answers of the API. */
  readonly totalBytes: number;
}

/**
 * Runs in the page and gives its `PageLoad`. It is text, since the bench itself has no document. Two frames are waited
 * for, after which what has been painted is told.
 */
export const readPageLoad = `new Promise((resolve, reject) => {
  let last = null;
  new PerformanceObserver((list) => {
    last = list.getEntries().at(-1) ?? last;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  const finish = () => {
    if (last === null) return reject(new Error("The browser told of no largest paint."));
    const fetched = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const sum = (entries) => entries.reduce((bytes, entry) => bytes + entry.encodedBodySize, 0);
    const isCode = ({ initiatorType, name }) =>
      ["script", "link", "css"].includes(initiatorType) && /\\.(?:js|css)$/.test(new URL(name).pathname);
    resolve({ lcpMs: last.startTime, codeBytes: sum(fetched.filter(isCode)), totalBytes: sum(fetched) });
  };
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(finish, 100)));
})`;
