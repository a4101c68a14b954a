import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";

const pauseMs = 300;
const charactersMax = 100;

interface SearchFieldProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

/** Searches while one types, a moment after the last key. */
export function SearchField({ search, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(search);
  const sent = useRef(search);
  // The address can change by itself, as by going back.
  useEffect(() => {
    if (search === sent.current) return;
    sent.current = search;
    setText(search);
  }, [search]);
  const wanted = text.trim();
  const sendSearch = useEffectEvent((next: string) => {
    sent.current = next;
    onSearch(next);
  });
  useEffect(() => {
    if (wanted === sent.current) return undefined;
    const timer = setTimeout(() => sendSearch(wanted), pauseMs);
    return () => clearTimeout(timer);
  }, [wanted]);
  return (
    <search className="search">
      <TextInput
        type="search"
        size="lg"
        aria-label="Search events by name"
        placeholder="Search by name"
        autoComplete="off"
        enterKeyHint="search"
        maxLength={charactersMax}
        leftSection={<IconSearch size={22} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </search>
  );
}
