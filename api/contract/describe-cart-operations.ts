import { examples } from "./give-examples.ts";
import type { OperationText } from "./operation-text.ts";

const latePayments = `**When the payment is slow.** While it is under way, the tickets are kept for this buyer until the cart's deadline, and for at least a minute from here unless the shop has set another grace.
An answer of the payment provider that gets lost is asked for again under the same key, so nobody is charged twice.
A payment that was not made by then is called off, and the order is \`cancelled\`.
A payment that succeeds after the tickets went back on sale takes them again if every one of them is still free; otherwise the money goes back, once, and the order is \`refunded\`.
Each order comes to exactly one end.`;

/** What the reference says about carts and orders. */
export const cartOperationTexts = {
  put_cart_item: {
    tag: "Carts and orders",
    description:
      "Holds tickets of an event and lists them in a cart. The client makes the cart's id, a UUID, so that a first click " +
      "that is sent twice makes one cart. The first item sets the deadline of the whole cart, by its event's " +
      "`hold_seconds`; items that come later share it and do not move it. Asking for another quantity replaces what the " +
      "cart holds of that event, all or nothing; asking for the same changes nothing.\n\n" +
      "When the deadline has passed, the list is kept and its items are `expired`: put them in again to try again. The " +
      "first one that succeeds sets a new deadline. The price of an item is that of the moment when it was put in. " +
      "A buyer token can fill carts of its own user only, and a buyer who lets holds on one event expire again and again " +
      "is told by `rate_limited` when the next can be asked for.",
    success: "The cart, with the item held.",
    body: { user_id: examples.cart.user_id, quantity: 2 },
    reply: examples.cart,
  },
  remove_cart_item: {
    tag: "Carts and orders",
    description:
      "Takes an item off the list and returns its tickets to the free stock. Removing what is not in the cart changes nothing.",
    success: "The cart without the item.",
    reply: examples.cartWithoutItem,
  },
  find_cart: {
    tag: "Carts and orders",
    description:
      "Tells what is in a cart, how each item stands, and when all of them end. A buyer sees only their own; another's is " +
      "answered as if it were missing.",
    success: "The cart.",
    reply: examples.cart,
  },
  extend_cart: {
    tag: "Carts and orders",
    description:
      "Moves the deadline of the cart and of every hold in it, counted from the old deadline, by the shortest `hold_seconds` " +
      "of its events. `extensions_left` tells how often that is still possible: no event allows more than its `max_extensions`.",
    success: "The cart has a later deadline.",
    reply: examples.extendedCart,
  },
  check_out_cart: {
    tag: "Carts and orders",
    description:
      "Makes one order of everything that the cart holds: all of it is sold, or nothing. Items that have expired are not " +
      "part of it. A cart that costs nothing is ordered at once, without a payment.\n\n" +
      "The answer is the order at its end, which is `declined` if the payment was: nothing was charged then, and the cart " +
      "can be checked out again, under a new key, while it lasts. If the payment takes longer than 6 seconds, the answer " +
      "is the `pending` order: read it until it has ended, and do not pay again.\n\n" +
      `${latePayments}\n\n` +
      "The `demo` provider moves no money. Its tokens are `tok_ok`, `tok_declined`, `tok_slow` (5 seconds), `tok_lost` " +
      "(its first answer never arrives) and `tok_late` (succeeds after the tickets were let go).",
    success: "The order, at its end or `pending`.",
    body: examples.checkOut,
    reply: examples.order,
  },
  find_order: {
    tag: "Carts and orders",
    description:
      "Tells how an order stands. While it is `pending`, ask again after a second or so. A buyer sees only their own; " +
      "another's is answered as if it were missing.",
    success: "The order.",
    reply: examples.order,
  },
  list_orders: {
    tag: "Carts and orders",
    description:
      "Pages through all orders, of one user or in one state if asked. A buyer's list has their own orders only, and " +
      "asking for another user's is refused.",
    success: "One page of orders.",
    reply: examples.orderList,
  },
  refund_order: {
    tag: "Carts and orders",
    description:
      "Returns the tickets of a paid order to the stock and its money to the buyer. The answer comes before the money has " +
      "moved: `payment.status` is `refunding` until the provider has taken the refund, once, and `refunded` from then on. " +
      "Refunding again gives the order as it is.",
    success: "The order is refunded.",
    reply: examples.refundedOrder,
  },
  receive_stripe_webhook: {
    tag: "Carts and orders",
    description:
      "Where Stripe tells that a payment has got on, so that an order need not wait until it is asked for. Give this " +
      "address to Stripe and its signing secret to `STRIPE_WEBHOOK_SECRET`; without one, there is nothing at this address. " +
      "A message that is told again, or is about something else, is taken and changes nothing.",
    success: "The message was taken.",
  },
  follow_event: {
    tag: "Live stock",
    description:
      "Tells an event's stock at once and then whenever it changes, at most 10 times a second, as server-sent events " +
      "(`EventSource` in browsers). Each message is named `stock`, has the event's `version` as its id, and tells the " +
      "stock as it is, so nothing is lost with a message that was missed. A stream that ends is opened again with " +
      "`Last-Event-ID`, which browsers do by themselves; who is up to date is told nothing until something changes.",
    success: "A stream of messages. What is shown is the data of one.",
    reply: examples.stockMessage,
  },
  follow_events: {
    tag: "Live stock",
    description:
      "Tells the stock of up to 100 events in one stream, each message with its `event_id`. Name each event with a " +
      "parameter `event_id` of its own.",
    success: "A stream of messages. What is shown is the data of one.",
    reply: examples.stockMessage,
  },
} as const satisfies Readonly<Record<string, OperationText>>;
