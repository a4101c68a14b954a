import { IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Disclosure } from "./disclosure.tsx";

interface InfoButtonProps {
  readonly subject: string;
  readonly children: ReactNode;
}

/** The "i": says what a figure means and when to worry. */
export function InfoButton({ subject, children }: InfoButtonProps) {
  return (
    <Disclosure size={24} label={`${subject}: what it means`} icon={<IconInfoCircle size={15} aria-hidden />}>
      {() => <p>{children}</p>}
    </Disclosure>
  );
}
