import { jsonReply } from "../../api/http/reply.ts";
import type { AnswerHold } from "./hold-request.ts";

/** Answers every hold with the same 201, as long as a real one. What it costs is the price of HTTP alone. */
export function answerNoopHolds(): AnswerHold {
  const reply = jsonReply(201, {
    id: "01900000-0000-7000-8000-000000000000",
    event_id: "01900000-0000-7000-8000-000000000000",
    user_id: "buyer-000000-000000000",
    quantity: 1,
    status: "held",
    expires_at: "2026-01-01T00:00:00.000Z",
    created_at: "2026-01-01T00:00:00.000Z",
    confirmed_at: null,
    released_at: null,
    cause: null,
    cart_id: null,
  });
  return () => reply;
}
