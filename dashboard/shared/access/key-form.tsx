import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { writeAccessKey } from "../api/access-key.ts";

interface KeyFormProps {
  /** What is wrong with the key that was tried, if one was. */
  readonly refusal: string | null;
  readonly onDone?: () => void;
}

/** Takes a key for this tab, and asks everything again with it. */
export function KeyForm({ refusal, onDone }: KeyFormProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const client = useQueryClient();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = text.trim();
    if (!isKey(key)) return setProblem("A key starts with hf_ and has no spaces. Copy it whole.");
    setProblem(null);
    writeAccessKey(key);
    setText("");
    void client.resetQueries();
    onDone?.();
  };
  return (
    <form className="key-form" onSubmit={submit}>
      <PasswordInput
        label="Key"
        description="An observer key reads; an admin key also pauses, resumes and runs jobs. It is forgotten with this tab."
        placeholder="hf_observer_..."
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem ?? refusal}
        visibilityToggleButtonProps={{ "aria-label": "Show the key", tabIndex: 0 }}
      />
      <Button type="submit" mt="md">
        Use this key
      </Button>
    </form>
  );
}

/** Whether a text can travel in a header and looks like a key of this service. */
function isKey(text: string): boolean {
  return /^hf_[\x21-\x7e]+$/.test(text);
}
