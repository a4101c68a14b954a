import { Loader } from "@mantine/core";
import { useEffect, useRef } from "react";
import { explain } from "../../shared/api/explain-problem.ts";

/** What is shown from the click on, until the order is known. @param silence why there was no answer yet, or null */
export function PaymentInProgress({ silence }: { readonly silence: unknown }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="panel progress" aria-labelledby="progress-title">
      <Loader size={36} color="var(--text)" aria-hidden />
      <h2 id="progress-title" ref={heading} tabIndex={-1} className="progress__title">
        We are checking your payment. Do not pay again.
      </h2>
      <p>
        This can take a few seconds. You may reload this page or come back to it: it goes on with this one
        payment.
      </p>
      <p role="status">
        {silence === null ? "" : `${explain(silence)} The same payment is asked about again.`}
      </p>
    </section>
  );
}
