import type { Icon } from "@tabler/icons-react";

export type TagTone = "neutral" | "good" | "info" | "warning" | "critical";

interface TagProps {
  readonly icon: Icon;
  readonly tone: TagTone;
  readonly word: string;
  readonly title?: string;
}

/** A state in icon, word and colour. */
export function Tag({ icon: Sign, tone, word, title }: TagProps) {
  return (
    <span className={`tag tag--${tone}`} title={title}>
      <Sign size={13} stroke={2.2} aria-hidden />
      {word}
    </span>
  );
}
