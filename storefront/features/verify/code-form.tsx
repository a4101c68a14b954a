import { Button, TextInput } from "@mantine/core";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { explain } from "../../shared/api/explain-problem.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { Countdown } from "../../shared/countdown/countdown.tsx";
import { formatDuration } from "../../shared/format/times.ts";
import { ActionButton } from "../../shared/ui/action-button.tsx";
import { Notice } from "../../shared/ui/notice.tsx";
import type { SentCode } from "../../shared/verification/stored-sign-up.ts";
import { MistakeList } from "./mistake-list.tsx";
import { useCode } from "./use-code.ts";

interface CodeFormProps {
  readonly code: SentCode;
  readonly isRestored: boolean;
  readonly onVerified: () => void;
  /** Goes back to the details. @param error why that must be; null when the buyer wants it */
  readonly onLeave: (error: unknown) => void;
}

const fieldId = "verification-code";

/** Asks for the code that came by SMS. */
export function CodeForm({ code, isRestored, onVerified, onLeave }: CodeFormProps) {
  const actions = useCode({ isRestored, onVerified, onLost: onLeave });
  const nowMs = useServerNow();
  const [digits, setDigits] = useState("");
  const [slip, setSlip] = useState<string | null>(null);
  const summary = useRef<HTMLDivElement>(null);
  const end = code.end ?? (nowMs >= code.ends_at_ms ? "expired" : null);
  const mistake = slip ?? (actions.wrongTries > 0 ? tellWrong(code.attempts_left) : null);
  const { wrongTries, isBusy } = actions;
  useEffect(() => {
    if (slip !== null || wrongTries > 0 || end !== null) summary.current?.focus();
  }, [slip, wrongTries, end]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const typed = digits.replaceAll(/\s/g, "");
    const isCode = /^\d{6}$/.test(typed);
    setSlip(isCode ? null : "Enter the 6 digits of the code.");
    if (isCode) void actions.tryDigits(typed);
  };
  const resend = () => {
    setSlip(null);
    setDigits("");
    void actions.resend();
  };
  return (
    <form className="verify__form" noValidate onSubmit={submit}>
      <p role="status">
        {actions.resends > 0 ? "A new code is on its way" : "We sent a code"} to{" "}
        <span className="verify__phone">{code.phone_number}</span>.
      </p>
      {end === null ? (
        <>
          {mistake === null ? null : <MistakeList mistakes={[[fieldId, mistake]]} place={summary} />}
          <TextInput
            id={fieldId}
            size="lg"
            label="6-digit code"
            description={
              <>
                Valid for <Countdown endsAtMs={code.ends_at_ms} />. {tellTries(code.attempts_left)}
              </>
            }
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
            required
            withAsterisk={false}
            value={digits}
            error={mistake}
            onChange={(event) => setDigits(event.currentTarget.value)}
          />
          <Button type="submit" size="lg" fullWidth aria-disabled={isBusy}>
            {isBusy ? "Checking the code" : "Verify and reserve"}
          </Button>
        </>
      ) : (
        <Notice
          tone="bad"
          place={summary}
          title={end === "expired" ? "This code has expired" : "All tries are used up"}
        >
          <p>
            {end === "expired"
              ? "It was not used in time, or it was used already."
              : "The code was entered wrongly too often, so it is not looked at any more."}{" "}
            Nothing was reserved. Ask for a new code to go on.
          </p>
        </Notice>
      )}
      {actions.failure === null ? null : (
        <Notice tone="bad" role="alert">
          <p>{explain(actions.failure)}</p>
        </Notice>
      )}
      <Resend leftMs={code.resend_at_ms - nowMs} isBusy={isBusy} isMain={end !== null} onClick={resend} />
      <Button variant="default" size="lg" fullWidth onClick={() => onLeave(null)}>
        Change my details
      </Button>
    </form>
  );
}

interface ResendProps {
  readonly leftMs: number;
  readonly isBusy: boolean;
  readonly isMain: boolean;
  readonly onClick: () => void;
}

function Resend({ leftMs, isBusy, isMain, onClick }: ResendProps) {
  if (leftMs > 0)
    return <p className="form__hint">You can ask for a new code in {formatDuration(leftMs)}.</p>;
  return (
    <ActionButton
      variant={isMain ? "filled" : "default"}
      size="lg"
      fullWidth
      isBusy={isBusy}
      onClick={onClick}
    >
      Send a new code
    </ActionButton>
  );
}

function tellTries(count: number): string {
  return count === 1 ? "1 try left." : `${count} tries left.`;
}

function tellWrong(attemptsLeft: number): string {
  return `That is not the code. ${tellTries(attemptsLeft)}`;
}
