import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

const readme = await readFile(resolve(import.meta.dirname, "../../README.md"), "utf8");
const [, commands = ""] = /```sh\n(KEY=[^]*?)```/.exec(readme) ?? [];

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  folder = await mkdtemp(join(tmpdir(), "holdfast-readme-"));
  await mkdir(join(folder, ".holdfast"));
  await writeFile(join(folder, ".holdfast/admin-key"), service.keys.admin);
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the README's commands do what they say", async () => {
  expect(commands).toContain("http://127.0.0.1:3000/v1");
  // Each answer on a line of its own, so that they can be told apart.
  const script = commands
    .replace("http://127.0.0.1:3000", service.url)
    .replaceAll(/^(call .*)$/gm, "$1; echo");
  const { stdout } = await promisify(execFile)("bash", ["-eu", "-c", script], {
    cwd: folder,
    timeout: 15_000,
  });
  const answers = stdout.trim().split("\n");
  expect(answers.map((answer) => JSON.parse(answer))).toMatchObject([
    { status: "open", total_cents: 2_500, items: [{ status: "held" }] },
    { status: "paid", email: "ada@example.org", payment: { status: "succeeded" } },
    { status: "refunded" },
    { status: "held" },
    { status: "confirmed", user_id: "bob" },
    { capacity: 1_000, available: 999, held: 0, sold: 1 },
  ]);
});
