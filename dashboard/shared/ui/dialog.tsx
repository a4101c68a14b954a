import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type MouseEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** A drawer comes from the left and is as high as the screen. */
  readonly kind?: "dialog" | "drawer";
  readonly children: ReactNode;
}

/**
 * The browser's own modal dialog, open for as long as it is there: the browser keeps the focus inside, closes it on
 * Escape and gives the focus back. What has `data-autofocus` is focused first.
 */
export function Dialog({ title, onClose, kind = "dialog", children }: DialogProps) {
  const place = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed before it is taken out of the document, since the browser gives the focus back only then.
  useLayoutEffect(() => {
    const dialog = place.current;
    if (dialog === null) return undefined;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => dialog.close();
  }, []);
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === place.current) onClose();
  };
  return (
    <dialog
      ref={place}
      className={`dialog dialog--${kind}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== place.current) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={closeOnBackdrop}
    >
      <div className="dialog__content">
        <div className="dialog__head">
          <h2 id={titleId} className="dialog__title">
            {title}
          </h2>
          <ActionIcon size={32} variant="subtle" color="gray" aria-label="Close" onClick={onClose}>
            <IconX size={18} />
          </ActionIcon>
        </div>
        {children}
      </div>
    </dialog>
  );
}
