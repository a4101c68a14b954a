import { createClient } from "@holdfast/client";
import { noteDateHeader } from "../clock/server-clock.ts";
import { readToken } from "../session/session.ts";

/** Every reply also tells what time it is at the service. */
const fetchAndNoteTime: typeof fetch = async (input, init) => {
  const sentAtMs = Date.now();
  const response = await fetch(input, init);
  noteDateHeader(response.headers.get("date"), sentAtMs, Date.now());
  return response;
};

/** What is only read is asked again by the page itself, so that a lost connection shows soon. */
const shortPatience = { triesMax: 3, tryMs: 8_000, patienceMs: 10_000 };

/** Calls that need no guest: the catalogue, and a guest's first token. */
export const anonymous = createClient({ fetch: fetchAndNoteTime, ...shortPatience });

/** Reads what belongs to this browser's guest. */
export const reader = createClient({ fetch: fetchAndNoteTime, token: readToken, ...shortPatience });

/** Changes what belongs to this browser's guest, with all the patience that a sale may need. */
export const buyer = createClient({ fetch: fetchAndNoteTime, token: readToken });
