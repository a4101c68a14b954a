import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useSearchParams } from "wouter";
import { type ErrorFeed, type ErrorFilter, nameOfSource } from "../../shared/errors/merge-errors.ts";
import { countOf } from "../../shared/format/numbers.ts";
import { useUrlParameter } from "../../shared/url-parameter.ts";

const levels = [
  { value: "", label: "Every level" },
  { value: "warn", label: "Warnings" },
  { value: "error", label: "Errors" },
  { value: "fatal", label: "Fatal" },
];

/** What the reader looks for, kept in the address. */
export function useEntryFilter() {
  const [level, setLevel] = useUrlParameter("level");
  const [text, setText] = useUrlParameter("text");
  const [worker, setWorker] = useUrlParameter("worker");
  const [, setParameters] = useSearchParams();
  const values: ErrorFilter = { level, text, worker };
  const isSet = level !== "" || text !== "" || worker !== "";
  return { values, isSet, setLevel, setText, setWorker, clear: () => setParameters({}, { replace: true }) };
}

interface EntryFilterProps {
  readonly feed: ErrorFeed;
  readonly filter: ReturnType<typeof useEntryFilter>;
}

/** Fields for level, source and text. */
export function EntryFilter({ feed, filter }: EntryFilterProps) {
  const { level, text, worker } = filter.values;
  const sources = [...new Set([...feed.entries.map(nameOfSource), ...(worker === "" ? [] : [worker])])];
  const workers = sources
    .filter((source) => source !== "supervisor")
    .sort((one, other) => Number(one) - Number(other));
  return (
    <div className="entry-filter" role="search" aria-label="Filter the errors">
      <NativeSelect
        aria-label="Level"
        value={level}
        onChange={(event) => filter.setLevel(event.currentTarget.value)}
        data={levels}
      />
      <NativeSelect
        aria-label="Source"
        value={worker}
        onChange={(event) => filter.setWorker(event.currentTarget.value)}
        data={[
          { value: "", label: "Every source" },
          { value: "supervisor", label: "Supervisor" },
          ...workers.map((source) => ({ value: source, label: `Worker ${source}` })),
        ]}
      />
      <TextInput
        className="entry-filter__text"
        type="search"
        aria-label="Text, request id, route or SQLSTATE"
        placeholder="Text, request id, route, SQLSTATE"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => filter.setText(event.currentTarget.value)}
      />
      {filter.isSet ? (
        <Button variant="subtle" size="sm" onClick={filter.clear}>
          Clear
        </Button>
      ) : null}
      <span className="muted">{countOf(feed.entries.length, "entry", "entries")} kept here</span>
    </div>
  );
}
