import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, such as "request id". */
  readonly what: string;
}

type Copying = "idle" | "done" | "failed";

const shownMs = 2_000;
const words: Readonly<Record<Copying, string>> = {
  idle: "",
  done: "Copied",
  failed: "The browser does not allow copying",
};

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const [copying, setCopying] = useState<Copying>("idle");
  useEffect(() => {
    if (copying === "idle") return undefined;
    const timer = setTimeout(() => setCopying("idle"), shownMs);
    return () => clearTimeout(timer);
  }, [copying]);
  const copy = async () => setCopying((await writeToClipboard(text)) ? "done" : "failed");
  return (
    <>
      <ActionIcon
        size={24}
        variant="subtle"
        color="gray"
        aria-label={`Copy ${what} ${text}`}
        title={words[copying] || `Copy ${what}`}
        onClick={() => void copy()}
      >
        {copying === "done" ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
      <span role="status" className="visually-hidden">
        {words[copying]}
      </span>
    </>
  );
}

/** Outside of loopback and HTTPS browsers have no clipboard for pages: the old way is tried then. */
async function writeToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone;
}
