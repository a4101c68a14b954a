import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ReservationSearch } from "./reservations-query.ts";

interface SearchFormProps {
  readonly search: ReservationSearch | null;
  readonly onSearch: (search: ReservationSearch) => void;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Asks for a reservation's id, or for a user. */
export function SearchForm({ search, onSearch }: SearchFormProps) {
  const [by, setBy] = useState<ReservationSearch["by"]>(search?.by ?? "id");
  const [text, setText] = useState(search === null ? "" : search.by === "id" ? search.id : search.userId);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = by === "id" ? text.trim() : text;
    const found = by === "id" ? complainAboutId(wanted) : complainAboutUser(wanted);
    setProblem(found);
    if (found === null) onSearch(by === "id" ? { by, id: wanted } : { by, userId: wanted });
  };
  return (
    <form className="panel reservation-search" onSubmit={submit} role="search">
      <SegmentedControl
        size="sm"
        aria-label="Search by"
        value={by}
        onChange={(chosen) => setBy(chosen === "user" ? "user" : "id")}
        data={[
          { value: "id", label: "Reservation id" },
          { value: "user", label: "User" },
        ]}
      />
      <TextInput
        className="reservation-search__field"
        aria-label={by === "id" ? "Reservation id" : "User"}
        placeholder={by === "id" ? "0199a3f2-…" : "What the shop calls the user"}
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

function complainAboutId(id: string): string | null {
  return uuid.test(id) ? null : "An id has 32 hexadecimal digits in five groups. For a name, search by user.";
}

function complainAboutUser(userId: string): string | null {
  return userId === "" || [...userId].length > 128 ? "A user has 1 to 128 characters." : null;
}
