/** Writes ids into a path; whatever they contain, they stay one part of it. */
export function at(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(ids[index] ?? "")).join("");
}
