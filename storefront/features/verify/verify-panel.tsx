import { useEffect, useEffectEvent, useRef, useState } from "react";
import { isRefusal } from "../../shared/api/explain-problem.ts";
import { makeId } from "../../shared/storage/make-id.ts";
import { useStored } from "../../shared/storage/stored-value.ts";
import { type SignUp, storedSignUp } from "../../shared/verification/stored-sign-up.ts";
import { CodeForm } from "./code-form.tsx";
import { sendSignUp } from "./customer-calls.ts";
import { detailNames, type Details } from "./details.ts";
import { DetailsForm } from "./details-form.tsx";

interface VerifyPanelProps {
  /** What is to be reserved once the phone is verified. */
  readonly wanted: { readonly event_id: string; readonly quantity: number };
  readonly onVerified: () => void;
  readonly onLeave: () => void;
}

/** The way to a verified phone: who it is, then the code that comes by SMS. */
export function VerifyPanel({ wanted, onVerified, onLeave }: VerifyPanelProps) {
  const signUp = useStored(storedSignUp);
  const { failure, isSending, send: sendAgain, tell } = useSignUpSender(signUp);
  const [restoredId] = useState(signUp?.code?.customer_id ?? null);
  const heading = useRef<HTMLHeadingElement>(null);
  const step = signUp?.code === null || signUp === null ? "details" : "code";
  useEffect(() => heading.current?.focus({ preventScroll: true }), [step]);
  const send = (details: Details) => {
    const asked = trimmed(details);
    // What may have been made already is sent again as it was, so that no second SMS is sent.
    const isSame = signUp !== null && detailNames.every((name) => signUp[name] === asked[name]);
    const request_id = isSame ? signUp.request_id : makeId();
    storedSignUp.write({ request_id, ...asked, ...wanted, code: null });
    sendAgain();
  };
  const leaveCode = (error: unknown) => {
    storedSignUp.write(null);
    tell(error);
  };
  return (
    <section className="verify" aria-labelledby="verify-title">
      <h2 id="verify-title" className="form__title" ref={heading} tabIndex={-1}>
        {step === "details" ? "Verify your phone" : "Enter the code"}
      </h2>
      {signUp === null || signUp.code === null ? (
        <DetailsForm failure={failure} isSending={isSending} onSend={send} onLeave={onLeave} />
      ) : (
        <CodeForm
          key={signUp.code.customer_id}
          code={signUp.code}
          isRestored={signUp.code.customer_id === restoredId}
          onVerified={onVerified}
          onLeave={leaveCode}
        />
      )}
      <p className="visually-hidden" role="status">
        {isSending ? "Asking the shop for a code" : ""}
      </p>
    </section>
  );
}

function trimmed({ first_name, last_name, email, phone_number }: Details): Details {
  return {
    first_name: first_name.trim(),
    last_name: last_name.trim(),
    email: email.trim(),
    phone_number: phone_number.trim(),
  };
}

/** Sends a stored sign-up until it is answered; a reload goes on with the same one. */
function useSignUpSender(signUp: SignUp | null) {
  const [sends, setSends] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  const requestId = signUp !== null && signUp.code === null ? signUp.request_id : null;
  const send = useEffectEvent(async (signal: AbortSignal) => {
    const asked = storedSignUp.read();
    if (asked === null) return;
    setFailure(null);
    try {
      const code = await sendSignUp(asked);
      if (storedSignUp.read()?.request_id === asked.request_id) storedSignUp.write({ ...asked, code });
    } catch (error) {
      if (signal.aborted) return;
      setFailure(error);
      // Without an answer it may have been made: the same one is sent again with the next click.
      if (isRefusal(error)) storedSignUp.write(null);
    }
  });
  useEffect(() => {
    if (requestId === null) return undefined;
    const stop = new AbortController();
    void send(stop.signal);
    return () => stop.abort();
  }, [requestId, sends]);
  return {
    failure,
    isSending: requestId !== null && failure === null,
    tell: setFailure,
    send: () => {
      setFailure(null);
      setSends((count) => count + 1);
    },
  };
}
