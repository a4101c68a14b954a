import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { restocksQuery, verificationsQuery } from "./histories-query.ts";
import { RestockHistories } from "./restock-histories.tsx";
import { VerificationHistories } from "./verification-histories.tsx";

const skeletonPx = 260;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const uuidComplaint = "An id has 32 hexadecimal digits in five groups.";

/** What can be looked for, by its parameter in the address. */
const kinds = [
  { value: "customer_id", label: "Customer", wanted: uuid, complaint: uuidComplaint },
  {
    value: "phone_number",
    label: "Phone",
    wanted: /^\+[1-9]\d{1,14}$/,
    complaint: "A phone number starts with + and its country's code.",
  },
  { value: "event_id", label: "Event", wanted: uuid, complaint: uuidComplaint },
] as const;

/** The whole history of a customer's verification, or of an event's restocking. */
export function HistoriesView() {
  const [parameters, setParameters] = useSearchParams();
  const sought = kinds.find(({ value }) => parameters.has(value));
  const text = sought === undefined ? "" : (parameters.get(sought.value) ?? "");
  return (
    <div className="stack">
      <SearchForm
        key={parameters.toString()}
        kind={sought ?? kinds[0]}
        text={text}
        onSearch={(name, wanted) => setParameters({ view: "histories", [name]: wanted })}
      />
      {sought === undefined ? (
        <Message icon={IconSearch} tone="neutral" title="Look for a history">
          What became of the codes of a customer or a phone, or of the restock orders of an event.
        </Message>
      ) : sought.value === "event_id" ? (
        <FoundRestocks eventId={text} />
      ) : (
        <FoundVerifications name={sought.value} text={text} />
      )}
    </div>
  );
}

interface SearchFormProps {
  readonly kind: (typeof kinds)[number];
  readonly text: string;
  readonly onSearch: (name: string, text: string) => void;
}

function SearchForm({ kind: first, text: firstText, onSearch }: SearchFormProps) {
  const [kind, setKind] = useState(first);
  const [text, setText] = useState(firstText);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = kind.value === "phone_number" ? text.replaceAll(/[\s()/-]/g, "") : text.trim();
    const isWanted = kind.wanted.test(wanted);
    setProblem(isWanted ? null : kind.complaint);
    if (isWanted) onSearch(kind.value, wanted);
  };
  return (
    <form className="panel history-search" onSubmit={submit} role="search">
      <SegmentedControl
        size="sm"
        aria-label="Search by"
        value={kind.value}
        onChange={(value) => setKind(kinds.find((each) => each.value === value) ?? kinds[0])}
        data={kinds.map(({ value, label }) => ({ value, label }))}
      />
      <TextInput
        className="history-search__field"
        aria-label={kind.label}
        placeholder={kind.value === "phone_number" ? "+49 151 12345678" : "0199a3f2-…"}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}

function FoundVerifications({ name, text }: { readonly name: string; readonly text: string }) {
  const question = verificationsQuery(name, text);
  const query = usePolled(question);
  return (
    <Loaded query={query} everyMs={question.everyMs} what="Verifications" skeletonPx={skeletonPx}>
      {({ data }) => <VerificationHistories customers={data} />}
    </Loaded>
  );
}

function FoundRestocks({ eventId }: { readonly eventId: string }) {
  const question = restocksQuery(eventId);
  const query = usePolled(question);
  return (
    <Loaded query={query} everyMs={question.everyMs} what="Restock orders" skeletonPx={skeletonPx}>
      {(restocks) => <RestockHistories restocks={restocks} />}
    </Loaded>
  );
}
