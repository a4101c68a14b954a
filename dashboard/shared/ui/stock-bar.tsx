import { formatCount } from "../format/numbers.ts";

interface StockBarProps {
  readonly sold: number;
  readonly held: number;
  readonly free: number;
}

/** Tickets as a bar and in words: sold is solid, held is hatched, free is pale. */
export function StockBar({ sold, held, free }: StockBarProps) {
  const capacity = sold + held + free;
  const parts = [
    { name: "sold", count: sold },
    { name: "held", count: held },
    { name: "free", count: free },
  ];
  const filled = parts.filter(({ count }) => count > 0);
  return (
    <div className="stock-bar">
      <div className="stock-bar__bar" aria-hidden="true">
        {filled.map(({ name, count }) => (
          <span
            key={name}
            className={`stock-bar__part stock-bar__part--${name}`}
            style={{ flexGrow: count }}
          />
        ))}
      </div>
      <p className="stock-bar__words">
        {parts.map(({ name, count }) => (
          <span key={name} className="stock-bar__word">
            <span className={`stock-bar__key stock-bar__part--${name}`} aria-hidden="true" />
            <span className="figure">{formatCount(count)}</span> {name}
            <span className="visually-hidden">, </span>
          </span>
        ))}
        <span className="muted">
          of <span className="figure">{formatCount(capacity)}</span>
        </span>
      </p>
    </div>
  );
}
