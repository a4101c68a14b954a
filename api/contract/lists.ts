import { z } from "zod";
import { orderListFilters } from "./orders.ts";
import { reservationStatus } from "./reservations.ts";
import { printableText, userId, uuid } from "./values.ts";

const page = {
  limit: z.coerce
    .string()
    .refine((text) => /^(?:[1-9]\d?|100)$/.test(text), "must be a whole number from 1 to 100")
    .transform(Number)
    .default(20)
    .meta({ type: "integer", minimum: 1, maximum: 100, default: 20, description: "How many items at most." }),
  starting_after: uuid.optional().describe("The page after the item with this id."),
  ending_before: uuid.optional().describe("The page that ends just before the item with this id."),
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

export const eventListQuery = z
  .strictObject({
    ...page,
    search: printableText(100).optional().describe("Words that the name must have, or words' beginnings."),
  })
  .refine(hasOneCursor, oneCursorOnly);

export const orderListQuery = z
  .strictObject({ ...page, ...orderListFilters })
  .refine(hasOneCursor, oneCursorOnly);

/** What every list is wrapped in. `has_more` speaks of the direction in which the caller pages. */
export function listReply<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    object: z.literal("list"),
    url: z.string().describe("The path of this list."),
    data: z.array(item),
    has_more: z.boolean().describe("Whether there is more in the direction in which you page."),
    total: z.int().min(0).describe("How many items the whole list has."),
  });
}
