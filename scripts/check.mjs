// Runs every check that is not a test of behaviour, all of them even when one fails, and exits 1 if any did.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const projectFolder = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

/** What is checked, by which program of which package, with which arguments. */
const checks = [
  { what: "types", package: "typescript", program: "tsc", args: ["--noEmit", "-p", "."] },
  {
    what: "types of the dashboard",
    package: "typescript",
    program: "tsc",
    args: ["--noEmit", "-p", "dashboard"],
  },
  {
    what: "types of the storefront",
    package: "typescript",
    program: "tsc",
    args: ["--noEmit", "-p", "storefront"],
  },
  {
    what: "types of the browser tests",
    package: "typescript",
    program: "tsc",
    args: ["--noEmit", "-p", "tests"],
  },
  { what: "lint", package: "oxlint", program: "oxlint", args: ["--deny-warnings"] },
  { what: "format", package: "oxfmt", program: "oxfmt", args: ["--check", "."] },
  { what: "unused code", package: "knip", program: "knip", args: ["--no-progress"] },
  { what: "structure", package: "vitest", program: "vitest", args: ["run", "tests/architecture"] },
];

const failed = checks.filter((check) => !passes(check)).map((check) => check.what);
if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}.`);
else console.error("\nTypes, lint, format, unused code and structure are as they should be.");
process.exit(failed.length > 0 ? 1 : 0);

function passes(check) {
  console.error(`\n${check.what}: ${check.program} ${check.args.join(" ")}`);
  const { status } = spawnSync(process.execPath, [locate(check), ...check.args], {
    cwd: projectFolder,
    stdio: "inherit",
  });
  return status === 0;
}

/** The script behind a package's command, so that it runs under this very Node. */
function locate(check) {
  const manifest = join(projectFolder, "node_modules", check.package, "package.json");
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[check.program]);
}
