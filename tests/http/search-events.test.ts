import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

const names = [
  "Rooftop concert",
  "Rooftop Yoga: sunrise",
  "Sunday matinee (O'Neil & sons)",
  "Concerto in the park",
  "100% vinyl \\ live",
  "Café Été",
];

beforeAll(async () => {
  service = await openTestService();
  for (const name of names) await service.createEvent({ name });
});
afterAll(() => service.close());

async function search(words: string, more = "") {
  const answer = await service.send("get", `/v1/events?search=${encodeURIComponent(words)}${more}`);
  expect(answer.status).toBe(200);
  const body = answer.body as unknown as { data: EventReply[]; total: number; has_more: boolean };
  return { names: body.data.map((event) => event.name), total: body.total, has_more: body.has_more };
}

describe("a search in the list of events", () => {
  test.each([
    ["rooftop", ["Rooftop Yoga: sunrise", "Rooftop concert"]],
    ["ROOF", ["Rooftop Yoga: sunrise", "Rooftop concert"]],
    ["conc", ["Concerto in the park", "Rooftop concert"]],
    ["concert roof", ["Rooftop concert"]],
    ["  concert   roof  ", ["Rooftop concert"]],
    ["top", []],
    ["o'neil", ["Sunday matinee (O'Neil & sons)"]],
    ["neil & so", ["Sunday matinee (O'Neil & sons)"]],
    ["(o'neil", ["Sunday matinee (O'Neil & sons)"]],
    ["100%", ["100% vinyl \\ live"]],
    ["vinyl\\", ["100% vinyl \\ live"]],
    ["Été", ["Café Été"]],
    ["nothing like it", []],
  ])("for %j finds %j", async (words, found) => {
    expect(await search(words)).toEqual({ names: found, total: found.length, has_more: false });
  });

  test.each(["&", "!", "a:*b | !", "'", "\\", "''\\'", ":*", "<->", "rooftop & !concert | ('x", "\u2028x"])(
    "takes %j for text, not for a language",
    async (words) => {
      const answer = await service.send("get", `/v1/events?search=${encodeURIComponent(words)}`);
      expect([200, 422]).toContain(answer.status);
    },
  );

  test("for nothing but signs leaves nothing out", async () => {
    expect(await search(" - ")).toMatchObject({ total: names.length });
  });

  test("comes in pages, with the total of what was found", async () => {
    const first = await search("rooftop", "&limit=1");
    expect(first).toEqual({ names: ["Rooftop Yoga: sunrise"], total: 2, has_more: true });
    const list = await service.send("get", "/v1/events?search=rooftop&limit=1");
    const [{ id } = { id: "" }] = (list.body as unknown as { data: EventReply[] }).data;
    expect(await search("rooftop", `&limit=1&starting_after=${id}`)).toEqual({
      names: ["Rooftop concert"],
      total: 2,
      has_more: false,
    });
  });

  test.each([
    ["search=", "/search"],
    [`search=${"a".repeat(101)}`, "/search"],
    ["search=a%00b", "/search"],
    ["search=a&search=b", "/search"],
  ])("that cannot be is refused: %s", async (query, pointer) => {
    const answer = await service.send("get", `/v1/events?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
  });
});
