import { Button, TextInput } from "@mantine/core";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { codeOf, explain, isRefusal } from "../../shared/api/explain-problem.ts";
import { useStored } from "../../shared/storage/stored-value.ts";
import { Notice } from "../../shared/ui/notice.tsx";
import {
  type DetailName,
  detailNames,
  type Details,
  findMistakes,
  mistakesIn,
  noDetails,
  storedDetails,
} from "./details.ts";
import { GuestNotice } from "./guest-notice.tsx";
import { MistakeList } from "./mistake-list.tsx";

interface DetailsFormProps {
  /** Why the service did not take what was sent last; null if nothing is wrong. */
  readonly failure: unknown;
  readonly isSending: boolean;
  readonly onSend: (details: Details) => void;
  readonly onLeave: () => void;
}

const fields = {
  first_name: { label: "First name", autoComplete: "given-name", maxLength: 100 },
  last_name: { label: "Last name", autoComplete: "family-name", maxLength: 100 },
  email: {
    label: "E-mail address",
    autoComplete: "email",
    type: "email",
    inputMode: "email",
    maxLength: 254,
  },
  phone_number: {
    label: "Mobile phone",
    description: "With + and the country's code. The code comes to it as an SMS.",
    autoComplete: "tel",
    type: "tel",
    inputMode: "tel",
    maxLength: 50,
  },
} as const satisfies Record<DetailName, object>;

const idOf = (name: DetailName) => `customer-${name}`;

/** Asks whose phone it is. */
export function DetailsForm({ failure, isSending, onSend, onLeave }: DetailsFormProps) {
  const details = useStored(storedDetails) ?? noDetails;
  const [isChecked, setIsChecked] = useState(false);
  const [submits, setSubmits] = useState(0);
  const summary = useRef<HTMLDivElement>(null);
  const told = mistakesIn(failure);
  const mistakes = { ...told, ...(isChecked ? findMistakes(details) : {}) };
  const listed = detailNames.flatMap((name) =>
    mistakes[name] === undefined ? [] : [[idOf(name), mistakes[name]] as const],
  );
  useEffect(() => {
    if (submits > 0 || failure !== null) summary.current?.focus();
  }, [submits, failure]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isSending) return;
    setIsChecked(true);
    if (Object.keys(findMistakes(details)).length === 0) onSend(details);
    else setSubmits((count) => count + 1);
  };
  return (
    <form className="verify__form" noValidate onSubmit={submit}>
      <GuestNotice />
      {listed.length > 0 ? <MistakeList mistakes={listed} place={summary} /> : null}
      {listed.length === 0 && failure !== null ? <SendFailure failure={failure} /> : null}
      {detailNames.map((name) => (
        <TextInput
          key={name}
          id={idOf(name)}
          size="lg"
          {...fields[name]}
          required
          withAsterisk={false}
          value={details[name]}
          error={mistakes[name]}
          onChange={(event) => storedDetails.write({ ...details, [name]: event.currentTarget.value })}
        />
      ))}
      <Button type="submit" size="lg" fullWidth aria-disabled={isSending} loading={false}>
        {isSending ? "Sending the code" : "Send me a code"}
      </Button>
      <Button variant="default" size="lg" fullWidth onClick={onLeave}>
        Not now
      </Button>
    </form>
  );
}

function SendFailure({ failure }: { readonly failure: unknown }) {
  if (codeOf(failure) === "unauthorized")
    return (
      <Notice tone="bad" role="alert" title="This shop does not verify phones here">
        <p>Nothing was sent. Tickets for this event are only for customers whom the shop signs up itself.</p>
      </Notice>
    );
  if (codeOf(failure) === "customer_not_found")
    return (
      <Notice tone="bad" role="alert">
        <p>{explain(failure)}</p>
      </Notice>
    );
  const title = isRefusal(failure) ? "No code was sent" : "It is not certain whether a code was sent";
  return (
    <Notice tone="bad" role="alert" title={title}>
      <p>
        {explain(failure)}
        {isRefusal(failure) ? "" : " Sending again is safe: you do not get two."}
      </p>
    </Notice>
  );
}
