import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

const clientFolder = resolve(import.meta.dirname, "../../clients/typescript");
const readme = await readFile(join(clientFolder, "README.md"), "utf8");
const examples = [...readme.matchAll(/^## (.+)$|^```ts\n([^]*?)^```$/gm)].reduce<
  { title: string; code: string }[]
>((found, [, heading, code]) => {
  const title = heading ?? found.at(-1)?.title ?? "the beginning";
  // A heading without code is taken over by the code below it.
  const others = found.at(-1)?.code === "" ? found.slice(0, -1) : found;
  return [...others, { title, code: code ?? "" }];
}, []);

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  // Inside of the project, so that the package is found there.
  folder = await mkdtemp(join(import.meta.dirname, ".examples-"));
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("an example of the README prints what it says", () => {
  test.each(examples.filter(({ code }) => code !== ""))("$title", async ({ code }) => {
    const file = join(folder, `${Math.random()}.ts`);
    await writeFile(file, code);
    const env = { ...process.env, HOLDFAST_URL: service.url, HOLDFAST_KEY: service.keys.admin };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--experimental-eventsource", "--disable-warning=ExperimentalWarning", file],
      { env, timeout: 15_000 },
    );
    const promised = [...code.matchAll(/\/\/ prints: (.+)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(stdout.trim().split("\n")).toEqual(promised);
  });
});
