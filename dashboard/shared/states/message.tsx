import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TagTone } from "../ui/tag.tsx";

interface MessageProps {
  readonly icon: Icon;
  readonly tone: TagTone;
  readonly title: string;
  readonly children?: ReactNode;
}

/** What there is to say in place of figures: nothing yet, nothing found, nothing known. */
export function Message({ icon: Sign, tone, title, children }: MessageProps) {
  return (
    <div className={`panel message message--${tone}`}>
      <Sign size={22} stroke={1.7} aria-hidden className="message__icon" />
      <div>
        <p className="message__title">{title}</p>
        {children === undefined ? null : <div className="message__text">{children}</div>}
      </div>
    </div>
  );
}
