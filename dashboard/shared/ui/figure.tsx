import { absent } from "../format/numbers.ts";

/** A figure as text. A dash for what could not be measured is told in words to those who hear the page. */
export function Figure({ text }: { readonly text: string }) {
  if (text !== absent) return <span className="figure">{text}</span>;
  return (
    <span className="figure figure--absent" title="Not measured">
      <span aria-hidden="true">{absent}</span>
      <span className="visually-hidden">not measured</span>
    </span>
  );
}
