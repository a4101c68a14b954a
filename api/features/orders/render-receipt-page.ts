import type { ReceiptContent } from "./receipt-content.ts";

/** Mail programs drop style sheets, so every element carries its own. Text has a contrast of 7 to 1 at least. */
const styles = {
  body: "margin:0;padding:24px;background:#f4f4f5;color:#18181b;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
  main: "max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:8px",
  heading: "margin:0 0 16px;font-size:24px;line-height:1.25",
  paragraph: "margin:0 0 12px",
  facts: "margin:0 0 24px;color:#3f3f46;font-size:14px;overflow-wrap:anywhere",
  table: "width:100%;border-collapse:collapse;margin:24px 0",
  cell: "padding:8px 0;border-bottom:1px solid #d4d4d8;text-align:left;vertical-align:top;font-weight:normal;overflow-wrap:anywhere",
  number:
    "padding:8px 0 8px 16px;border-bottom:1px solid #d4d4d8;text-align:right;vertical-align:top;white-space:nowrap;font-weight:normal",
  column: "color:#3f3f46;font-size:14px",
  total: "padding:12px 0;font-weight:bold;text-align:left",
  sum: "padding:12px 0 12px 16px;font-weight:bold;text-align:right;white-space:nowrap",
  link: "display:inline-block;padding:12px 20px;border-radius:6px;background:#1e3a8a;color:#ffffff;text-decoration:none",
} as const;

/** Renders a receipt as a page that needs nothing from anywhere: no picture, no script, no style sheet. */
export function renderReceiptPage(content: ReceiptContent): string {
  const heading = escapeHtml(content.heading);
  const paragraphs = content.paragraphs.map(
    (text) => `<p style="${styles.paragraph}">${escapeHtml(text)}</p>`,
  );
  const button =
    content.link === null
      ? ""
      : `<p style="${styles.paragraph}"><a href="${escapeHtml(content.link)}" style="${styles.link}">See the order</a></p>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${heading}</title></head>
<body style="${styles.body}">
<main style="${styles.main}">
<h1 style="${styles.heading}">${heading}</h1>
${paragraphs.join("\n")}
${renderTable(content)}
${renderFacts(content)}
${button}
</main>
</body>
</html>
`;
}

function renderTable({ items, total }: ReceiptContent): string {
  const rows = items.map(
    ({ name, quantity, amount }) =>
      `<tr><th scope="row" style="${styles.cell}"><bdi>${escapeHtml(name)}</bdi></th>` +
      `<td style="${styles.number}">${quantity}</td><td style="${styles.number}">${escapeHtml(amount)}</td></tr>`,
  );
  return `<table style="${styles.table}">
<thead><tr><th scope="col" style="${styles.cell};${styles.column}">Event</th><th scope="col" style="${styles.number};${styles.column}">Tickets</th><th scope="col" style="${styles.number};${styles.column}">Price</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
<tfoot><tr><th scope="row" colspan="2" style="${styles.total}">${escapeHtml(total.label)}</th><td style="${styles.sum}">${escapeHtml(total.amount)}</td></tr></tfoot>
</table>`;
}

function renderFacts({ orderId, when }: ReceiptContent): string {
  return `<p style="${styles.facts}">Order ${escapeHtml(orderId)}<br>${escapeHtml(when.label)} ${escapeHtml(when.text)}</p>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
