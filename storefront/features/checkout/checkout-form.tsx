import { Button, TextInput } from "@mantine/core";
import type { CartReply } from "@holdfast/client";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { explain, mistakeAt } from "../../shared/api/explain-problem.ts";
import { HoldEndedNotice } from "../../shared/cart/hold-ended-notice.tsx";
import { countdownEndOf, endedItems, heldItems, totalCents } from "../../shared/cart/judge-cart.ts";
import { ReserveAgainButton, ReserveAgainResults } from "../../shared/cart/reserve-again.tsx";
import { useReserveAgain } from "../../shared/cart/use-reserve-again.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { formatMoney } from "../../shared/format/money.ts";
import { SessionWarning } from "../../shared/session/session-warning.tsx";
import { useStored } from "../../shared/storage/stored-value.ts";
import { Notice } from "../../shared/ui/notice.tsx";
import { beginPayment } from "./begin-payment.ts";
import { CardChoice } from "./card-choice.tsx";
import { type CheckoutDraft, emptyDraft, findEmailMistake, storedDraft } from "./draft.ts";
import { MistakeSummary } from "./mistake-summary.tsx";
import { OrderSummary } from "./order-summary.tsx";
import { PaymentFailure } from "./payment-failure.tsx";
import { type PaymentState, setPaymentState } from "./payment-state.ts";

interface CheckoutFormProps {
  readonly cart: CartReply;
  readonly error: unknown;
  readonly payment: PaymentState;
}

/** What is asked before paying. It stays as it is when the hold ends. */
export function CheckoutForm({ cart, error, payment }: CheckoutFormProps) {
  const nowMs = useServerNow();
  const { reserveAgain, isRunning, results } = useReserveAgain();
  const draft = useStored(storedDraft) ?? emptyDraft;
  const [held, ended] = [heldItems(cart, nowMs), endedItems(cart, nowMs)];
  const total = totalCents(held);
  const { mistake, summary, submit } = useSubmit(cart, draft, payment);
  const tryAgain = () => {
    // What was refused before is no news any more.
    setPaymentState({ failure: null });
    void reserveAgain(ended);
  };
  const change = (part: Partial<CheckoutDraft>) => storedDraft.write({ ...draft, ...part });
  return (
    <>
      <div className="checkout__notices">
        {payment.failure === null ? null : <PaymentFailure error={payment.failure} place={summary} />}
        {mistake === null || payment.failure !== null ? null : (
          <MistakeSummary mistake={mistake} place={summary} />
        )}
        {error === null ? null : (
          <Notice tone="bad" role="status">
            <p>{explain(error)} What is shown is what was known before.</p>
          </Notice>
        )}
        {held.length === 0 ? (
          <HoldEndedNotice cart={cart} nowMs={nowMs}>
            <p>What you have typed is kept too.</p>
            <ReserveAgainButton isRunning={isRunning} onClick={tryAgain} />
          </HoldEndedNotice>
        ) : null}
        <SessionWarning holdEndMs={countdownEndOf(cart)} />
        <ReserveAgainResults results={results} />
      </div>
      <div className="checkout__columns">
        <OrderSummary cart={cart} held={held} ended={ended} nowMs={nowMs} />
        <form className="checkout__form" noValidate onSubmit={submit}>
          <section className="form__part">
            <h2 className="form__title">Where the receipt goes</h2>
            <TextInput
              id="email"
              size="lg"
              type="email"
              label="E-mail address"
              autoComplete="email"
              inputMode="email"
              maxLength={254}
              required
              withAsterisk={false}
              value={draft.email}
              error={mistake}
              onChange={(event) => change({ email: event.currentTarget.value })}
            />
          </section>
          {total === 0 && held.length > 0 ? null : (
            <CardChoice token={draft.token} onChange={(token) => change({ token })} />
          )}
          {held.length === 0 ? (
            <p className="form__hint">Nothing is held for you now, so there is nothing to pay.</p>
          ) : (
            <Button type="submit" size="xl" fullWidth>
              {total === 0 ? "Get the tickets" : `Pay ${formatMoney(total, held[0]?.currency ?? "USD")}`}
            </Button>
          )}
        </form>
      </div>
    </>
  );
}

/** Checks what was typed, and begins the payment. Mistakes get the focus. */
function useSubmit(cart: CartReply, draft: CheckoutDraft, { failure }: PaymentState) {
  const [isChecked, setIsChecked] = useState(false);
  const [submits, setSubmits] = useState(0);
  const summary = useRef<HTMLDivElement>(null);
  const told = mistakeAt(failure, "/email");
  const mistake = told === null ? (isChecked ? findEmailMistake(draft.email) : null) : `The address ${told}.`;
  useEffect(() => {
    if (submits > 0 || failure !== null) summary.current?.focus();
  }, [submits, failure]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setIsChecked(true);
    setPaymentState({ failure: null });
    if (findEmailMistake(draft.email) === null) beginPayment(cart.id, draft);
    else setSubmits((count) => count + 1);
  };
  return { mistake, summary, submit };
}
