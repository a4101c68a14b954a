import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { dismissToast, useToasts } from "./toasts.ts";

/** The sentences that are shown for a while. There all the time, so that screen readers follow it. */
export function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text }) => (
        <div className="toast" key={id}>
          <p>{text}</p>
          <ActionIcon
            size={44}
            variant="transparent"
            color="inherit"
            aria-label="Dismiss"
            onClick={() => dismissToast(id)}
          >
            <IconX size={18} />
          </ActionIcon>
        </div>
      ))}
    </div>
  );
}
