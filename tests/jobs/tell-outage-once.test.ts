import { expect, test } from "vitest";
import { tellOutageOnce } from "../../api/jobs/tell-outage-once.ts";
import { ProviderFailure } from "../../api/providers/outside/provider-failure.ts";

test("a database that is away is told once for all kinds of work, and a provider that is away for each", () => {
  const told: string[] = [];
  const tell = tellOutageOnce((complaint) => void told.push(complaint));
  const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  tell("Overdue holds could not be swept; trying again.", away);
  tell("Webhooks could not be looked for; trying again.", away);
  tell(
    "A code could not be sent; trying again.",
    new ProviderFailure("No answer.", { retry: "again", cause: away }),
  );
  tell("A payment could not be settled; trying again.", new Error("A defect."));
  expect(told).toEqual([
    "The background work cannot reach the database; trying again.",
    "A code could not be sent; trying again.",
    "A payment could not be settled; trying again.",
  ]);
});
