import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type MouseEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface DrawerProps {
  readonly title: string;
  /** The id of what is read out with the title, if it is there. */
  readonly describedBy: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * The browser's own modal dialog at the side of the screen, open for as long as it is there: the browser keeps the focus
 * inside, closes it on Escape and gives the focus back.
 */
export function Drawer({ title, describedBy, onClose, children }: DrawerProps) {
  const place = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  // Closed before it is taken out of the document, since the browser gives the focus back only then.
  useLayoutEffect(() => {
    const dialog = place.current;
    if (dialog === null) return undefined;
    dialog.showModal();
    heading.current?.focus();
    return () => dialog.close();
  }, []);
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === place.current) onClose();
  };
  return (
    <dialog
      ref={place}
      className="drawer"
      aria-labelledby={titleId}
      aria-describedby={describedBy}
      onCancel={(event) => {
        if (event.target !== place.current) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={closeOnBackdrop}
    >
      <div className="drawer__content">
        <div className="drawer__head">
          <h2 id={titleId} ref={heading} tabIndex={-1} className="drawer__title">
            {title}
          </h2>
          <ActionIcon size={44} variant="subtle" color="gray" aria-label="Close the cart" onClick={onClose}>
            <IconX size={22} />
          </ActionIcon>
        </div>
        {children}
      </div>
    </dialog>
  );
}
