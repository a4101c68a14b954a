import { Instant } from "../ui/instant.tsx";
import { Figure } from "../ui/figure.tsx";
import type { ChartData } from "./chart-data.ts";
import { toTableRows } from "./describe-chart.ts";
import type { ChartLine } from "./lines.ts";

interface ChartTableProps {
  readonly title: string;
  readonly unit: string;
  readonly data: ChartData;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number | null) => string;
}

/** What a chart shows, as a table, newest first, in the room that the chart has. */
export function ChartTable({ title, unit, data, lines, format }: ChartTableProps) {
  const rows = toTableRows({ lines, format }, data.rows, data.marks, data.stepMs);
  const caption = `${title}, ${unit}`;
  return (
    <div className="chart-table" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ timeMs, values, marks }) => (
            <tr key={timeMs}>
              <th scope="row">
                <Instant atMs={timeMs} />
              </th>
              {values.map((value, index) => (
                <td key={lines[index]?.figure}>
                  <Figure text={value} />
                </td>
              ))}
              <td>{marks.join("; ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p>Nothing measured yet.</p> : null}
    </div>
  );
}
