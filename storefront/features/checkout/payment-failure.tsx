import type { Ref } from "react";
import { codeOf, explain } from "../../shared/api/explain-problem.ts";
import { Notice } from "../../shared/ui/notice.tsx";

interface PaymentFailureProps {
  readonly error: unknown;
  readonly place?: Ref<HTMLDivElement>;
}

/** Why the shop refused to begin the payment. A refusal has no effect, so nothing was charged by it. */
export function PaymentFailure({ error, place }: PaymentFailureProps) {
  const isUnknown = codeOf(error) === "unauthorized" || codeOf(error) === "cart_not_found";
  return (
    <Notice
      tone="bad"
      role="alert"
      title={isUnknown ? "What came of this payment cannot be seen here" : "The payment was not begun"}
      {...(place === undefined ? {} : { place })}
    >
      <p>{explain(error)}</p>
      {isUnknown ? (
        <p>If it was paid, the receipt comes to your e-mail address. Wait for it before you pay again.</p>
      ) : null}
    </Notice>
  );
}
