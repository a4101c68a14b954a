const shortMax = 60;

/** A text that may be long: what is too long for its place is folded. */
export function FoldedText({ text }: { readonly text: string | null }) {
  if (text === null) return <span className="muted">None</span>;
  if (text.length <= shortMax) return text;
  return (
    <details className="folded">
      <summary>{text.slice(0, text.lastIndexOf(" ", shortMax)) || text.slice(0, shortMax)}…</summary>
      {text}
    </details>
  );
}
