import type { ReactNode } from "react";

export interface Column<Row> {
  readonly title: string;
  /** What follows the title, smaller. */
  readonly unit?: string;
  readonly isNumber?: boolean;
  readonly show: (row: Row) => ReactNode;
}

interface DataTableProps<Row> {
  readonly caption: string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
}

/**
 * A table that becomes a list of cards on a narrow screen. The roles are written out, because browsers take them away
 * from tables that are laid out as blocks.
 */
export function DataTable<Row>({ caption, columns, rows, keyOf }: DataTableProps<Row>) {
  return (
    <div className="panel data-table">
      <table role="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, unit, isNumber }) => (
              <th
                key={labelOf({ title, unit })}
                role="columnheader"
                scope="col"
                className={isNumber === true ? "is-number" : undefined}
              >
                {title}
                {unit === undefined ? null : <span className="data-table__unit"> {unit}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map(({ title, unit, isNumber, show }, index) => {
                const label = labelOf({ title, unit });
                const className = isNumber === true ? "is-number" : undefined;
                return index === 0 ? (
                  <th key={label} role="rowheader" scope="row" className={className}>
                    {show(row)}
                  </th>
                ) : (
                  <td key={label} role="cell" className={className} data-label={label}>
                    {show(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function labelOf({ title, unit }: { readonly title: string; readonly unit: string | undefined }): string {
  return unit === undefined ? title : `${title} ${unit}`;
}
