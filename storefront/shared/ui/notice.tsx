import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { ReactNode, Ref } from "react";

type NoticeTone = "info" | "good" | "wait" | "bad";

const signs: Readonly<Record<NoticeTone, Icon>> = {
  info: IconInfoCircle,
  good: IconCircleCheck,
  wait: IconClock,
  bad: IconAlertTriangle,
};

interface NoticeProps {
  readonly tone: NoticeTone;
  readonly title?: string;
  /** `alert` is read out at once, `status` when there is a pause; none for what is there from the start. */
  readonly role?: "alert" | "status" | undefined;
  readonly place?: Ref<HTMLDivElement>;
  readonly children?: ReactNode;
}

/** What happened and what to do, in a box of its own. */
export function Notice({ tone, title, role, place, children }: NoticeProps) {
  const Sign = signs[tone];
  return (
    <div
      className={`notice notice--${tone}`}
      role={role}
      ref={place}
      tabIndex={place === undefined ? undefined : -1}
    >
      <Sign size={22} stroke={2} aria-hidden className="notice__sign" />
      <div className="notice__text">
        {title === undefined ? null : <p className="notice__title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
