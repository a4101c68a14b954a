import { failureKindOf } from "../store/sqlstate.ts";
import { SparingTeller } from "./tell-sparingly.ts";

type Tell = (complaint: string, error: unknown) => void;

/**
 * While the database is away every kind of background work fails, each with a complaint of its own, and together they
 * would bury what buyers meet. They are told as the one thing that they are, now and then.
 *
 * @param tell gets every other complaint as it is
 */
export function tellOutageOnce(tell: Tell): Tell {
  const outage = new SparingTeller((error) =>
    tell("The background work cannot reach the database; trying again.", error),
  );
  return (complaint, error) => {
    if (failureKindOf(error) === "unavailable") outage.fail(error);
    else tell(complaint, error);
  };
}
