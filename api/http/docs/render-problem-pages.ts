import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { exampleProblem, problemsOf } from "../../contract/describe-problems.ts";
import { type Operation, operations } from "../../contract/operations.ts";
import { type ProblemCode, problems } from "../../contract/problems.ts";

const style = readFileSync(new URL("page.css", import.meta.url), "utf8");

/** Lets the page have its own style, and nothing else at all. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A problem as its help page tells it. */
export function presentProblemKind(code: ProblemCode) {
  const { title, status, help } = problems[code];
  return { code, title, status, help };
}

/** Every problem, in the order of their statuses. */
export function listProblemCodes(): ProblemCode[] {
  const codes = Object.keys(problems) as ProblemCode[];
  return codes.sort((a, b) => problems[a].status - problems[b].status);
}

/** The page that lists all problems. */
export function renderProblemIndex(): string {
  const items = listProblemCodes().map((code) => {
    const { status, title } = problems[code];
    return `<li>${badge(status)}<a href="/problems/${code}">${code}</a><span class="title">${escape(title)}</span></li>`;
  });
  return page(
    "Problems",
    `<h1>Problems</h1>
<p class="lead">Every refusal and every failure has a stable code. Here is what each means and the way out.</p>
<ul class="problems">${items.join("\n")}</ul>`,
  );
}

/** The help page behind a problem's `type`. */
export function renderProblemPage(code: ProblemCode): string {
  const { status, title, help } = problems[code];
  const calls = (Object.values(operations) as Operation[]).filter((call) => problemsOf(call).includes(code));
  const isAnywhere = calls.length === 0 || calls.length === Object.keys(operations).length;
  const items = calls.map(
    ({ method, path, summary }) =>
      `<li>${escape(summary)}<code>${method.toUpperCase()} ${escape(path)}</code></li>`,
  );
  return page(
    title,
    `<p class="code">${badge(status)}${code}</p>
<h1>${escape(title)}</h1>
<p class="lead">${prose(help)}</p>
<h2>What it looks like</h2>
<pre><code>${escape(JSON.stringify(exampleProblem(code), null, 2))}</code></pre>
<h2>Where it occurs</h2>
${isAnywhere ? "<p>Any call can answer it.</p>" : `<ul class="calls">${items.join("\n")}</ul>`}`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} - Holdfast</title>
<style>${style}</style>
</head>
<body>
<header><strong>Holdfast</strong><nav aria-label="Documentation"><a href="/problems">All problems</a><a href="/docs">API reference</a></nav></header>
<main>
${content}
</main>
</body>
</html>
`;
}

function badge(status: number): string {
  return `<span class="status${status >= 500 ? " server" : ""}">${status}</span>`;
}

/** Text in which backticks set off what is meant literally. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
