import { Link } from "wouter";
import { codeOf, explain, isRefusal } from "../../shared/api/explain-problem.ts";
import { Notice } from "../../shared/ui/notice.tsx";

interface ReserveFailureProps {
  readonly error: unknown;
  /** Whether tickets were held before, and still are. */
  readonly isChange: boolean;
}

/** Why tickets could not be reserved, and what can be done. */
export function ReserveFailure({ error, isChange }: ReserveFailureProps) {
  const code = codeOf(error);
  if (!isRefusal(error))
    return (
      <Notice tone="bad" role="alert" title="It is not certain whether your tickets are held">
        <p>{explain(error)} Reserving again is safe: you do not get them twice.</p>
      </Notice>
    );
  if (code === "unauthorized")
    return (
      <Notice tone="bad" role="alert" title="This shop does not take guests">
        <p>Nothing was reserved. Tickets are only for customers whom the shop knows.</p>
      </Notice>
    );
  return (
    <Notice tone="bad" role="alert" title={isChange ? "Nothing was changed" : "Nothing was reserved"}>
      <p>{explain(error)}</p>
      {code === "duplicate_reservation" ? <Link href="/tickets">My tickets</Link> : null}
    </Notice>
  );
}
