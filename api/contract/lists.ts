import { z } from "zod";
import { reservationStatus } from "./reservations.ts";
import { userId, uuid } from "./values.ts";

const page = {
  limit: z.coerce
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, "must be a whole number from 1 to 100")
    .transform(Number)
    .default(20),
  starting_after: uuid.optional(),
  ending_before: uuid.optional(),
};

interface Cursors {
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

const hasOneCursor = (query: Cursors) =>
  query.starting_after === undefined || query.ending_before === undefined;
const oneCursorOnly = { message: "cannot be combined with starting_after", path: ["ending_before"] };

export const pageQuery = z.strictObject(page).refine(hasOneCursor, oneCursorOnly);

export const reservationListQuery = z
  .strictObject({ ...page, user_id: userId.optional(), status: reservationStatus.optional() })
  .refine(hasOneCursor, oneCursorOnly);

/** What every list is wrapped in. `has_more` speaks of the direction in which the caller pages. */
export function listReply<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    object: z.literal("list"),
    url: z.string(),
    data: z.array(item),
    has_more: z.boolean(),
    total: z.int().min(0),
  });
}
