import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file of the API reference, ready to be sent. */
export interface Asset {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** Changes with the content, so that a browser may keep what it has for good. */
  readonly version: string;
}

const ours = import.meta.dirname;
const script = "text/javascript; charset=utf-8";
const stylesheet = "text/css; charset=utf-8";

/** All there is to fetch, and nothing else of the folders where it lies. */
const files = {
  "swagger-ui-bundle.js": { from: "package", contentType: script },
  "swagger-ui.css": { from: "package", contentType: stylesheet },
  "favicon-32x32.png": { from: "package", contentType: "image/png" },
  "reference.css": { from: "ours", contentType: stylesheet },
  "start-reference.js": { from: "ours", contentType: script },
} as const satisfies Record<string, { readonly from: "package" | "ours"; readonly contentType: string }>;

export type AssetName = keyof typeof files;

export const assetNames = Object.keys(files) as AssetName[];

const compress = promisify(gzip);
const read = new Map<AssetName, Promise<Asset>>();

export function isAssetName(name: string): name is AssetName {
  return Object.hasOwn(files, name);
}

/**
 * Reads a file of the reference, once: later calls share the first one's answer, unless that failed.
 *
 * @throws when the package with the reference's files is not installed
 */
export function readAsset(name: AssetName): Promise<Asset> {
  const known = read.get(name);
  if (known !== undefined) return known;
  const reading = readFromDisk(name);
  read.set(name, reading);
  reading.catch(() => read.delete(name));
  return reading;
}

async function readFromDisk(name: AssetName): Promise<Asset> {
  const { from, contentType } = files[name];
  const bytes = await readFile(join(from === "ours" ? ours : packageFolder(), name));
  const version = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return { contentType, bytes, gzipped: await compress(bytes), version };
}

function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}
