/** A card of the demonstration: what stands for it, and what comes of paying with it. */
export interface TestCard {
  readonly token: string;
  readonly name: string;
  readonly digits: string;
  readonly effect: string;
}

/** The cards of the built-in payment provider, which moves no money. */
export const testCards: readonly [TestCard, ...TestCard[]] = [
  { token: "tok_ok", name: "Pays", digits: "0001", effect: "The payment succeeds at once." },
  {
    token: "tok_declined",
    name: "Is declined",
    digits: "0002",
    effect: "The bank says no. Nothing is charged.",
  },
  { token: "tok_slow", name: "Is slow", digits: "0003", effect: "The payment succeeds after 5 seconds." },
  {
    token: "tok_lost",
    name: "Loses its reply",
    digits: "0004",
    effect: "The payment succeeds, but the first reply never arrives. The shop asks again.",
  },
  {
    token: "tok_late",
    name: "Is late",
    digits: "0005",
    effect:
      "The payment succeeds after your hold has ended. You get the tickets if they are still free; otherwise your money goes back.",
  },
];
