import { randomUUID } from "node:crypto";
import { customerCalls, reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

const codeMaxMs = 15_000;
const lookEveryMs = 200;

/** Signs up, mistypes the code at times, verifies the phone, and buys what is for verified phones only. */
export async function verifyPhone(journey: Journey): Promise<void> {
  const { random, serviceKey } = journey;
  if (random.happens(0.5)) return buyVerified(journey, chooseVerified(journey));
  const phone = journey.newPhone();
  if (phone === null) return buyVerified(journey, chooseVerified(journey));
  const signedUp = await journey.ask(customerCalls.signUp(serviceKey, randomUUID(), phone));
  if (signedUp.kind === "refused") return;
  const { id } = signedUp.reply.customer;
  const code = await awaitCode(journey, phone);
  if (code === null) return;
  const wrong = random.happens(0.1) ? 4 : random.between(0, 1);
  for (let count = 1; count <= wrong; count += 1)
    await journey.ask(customerCalls.verify(serviceKey, id, otherCode(code, count)));
  const rightCode = customerCalls.verify(serviceKey, id, code);
  const tries = random.happens(0.2) ? [rightCode, rightCode] : [rightCode];
  const tried = await journey.askAtOnce(tries);
  if (random.happens(0.3)) await journey.ask(customerCalls.read(serviceKey, id));
  const verified = tried.find((each) => each.kind === "done" && each.reply.result === "verified");
  if (verified?.kind !== "done" || verified.reply.user_id === undefined) return;
  journey.verifiedUsers.add(verified.reply.user_id);
  await buyVerified(journey, verified.reply.user_id);
}

/** Now and then somebody tries whose phone is not verified. */
function chooseVerified(journey: Journey): string {
  const { random, verifiedUsers } = journey;
  return (random.happens(0.1) ? null : verifiedUsers.choose(random)) ?? journey.newUser();
}

async function buyVerified(journey: Journey, user: string): Promise<void> {
  const event = journey.market.choose(journey.random, ["verified"]);
  if (event === null) return;
  const client = asShop(journey, user);
  const quantity = drawQuantity(journey, event);
  const twice = journey.random.happens(0.2) ? 2 : 1;
  const calls = Array.from({ length: twice }, () => reservationCalls.hold(client, event.id, quantity));
  const settled = await journey.askAtOnce(calls);
  const [held] = settled.flatMap((each) => heldOrNoted(journey, event.id, each) ?? []);
  if (held === undefined || journey.random.happens(0.3)) return;
  await journey.ask(reservationCalls.confirm(client, event.id, held.id));
}

/** @returns null when none came in time */
async function awaitCode(journey: Journey, phone: string): Promise<string | null> {
  for (let waitedMs = 0; waitedMs < codeMaxMs && journey.codes !== null; waitedMs += lookEveryMs) {
    const code = journey.codes.codeOf(phone);
    if (code !== undefined) return code;
    await journey.pause(lookEveryMs);
  }
  return null;
}

function otherCode(code: string, distance: number): string {
  return String((Number(code) + distance) % 1_000_000).padStart(6, "0");
}
