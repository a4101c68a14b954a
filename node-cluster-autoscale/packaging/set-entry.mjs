// @ts-check
// In the repository, the package is its TypeScript sources, which Node runs as they are. Node refuses to do that
// below node_modules, so what is published are the compiled files. `npm pack` and `npm publish` call this before
// and after they read the manifest: set-entry.mjs dist, then set-entry.mjs sources.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const file = resolve(import.meta.dirname, "../package.json");
const text = readFileSync(file, "utf8");
/** @type {{ publishConfig: { exports: object } }} */
const manifest = JSON.parse(text);
const sources = '"exports": "./index.ts"';
const dist = `"exports": ${JSON.stringify(manifest.publishConfig.exports)}`;

switch (process.argv[2]) {
  case "dist":
    writeFileSync(file, text.replace(sources, dist));
    break;
  case "sources":
    writeFileSync(file, text.replace(dist, sources));
    break;
  default:
    process.stderr.write("Usage: node set-entry.mjs dist|sources\n");
    process.exit(2);
}
