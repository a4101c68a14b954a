import { ActionIcon } from "@mantine/core";
import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";

interface DisclosureProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly size: number;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that shows something below it, until Escape, a click elsewhere, or the focus leaves. */
export function Disclosure({ label, icon, size, children }: DisclosureProps) {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const panelId = useId();
  const close = () => setOpen(false);
  useEffect(() => {
    if (!isOpen) return undefined;
    const closeOutside = (event: PointerEvent) => {
      if (event.target instanceof Node && place.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen]);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    close();
    place.current?.querySelector("button")?.focus();
  };
  const closeOnLeave = (event: FocusEvent) => {
    if (event.relatedTarget instanceof Node && place.current?.contains(event.relatedTarget) !== true) close();
  };
  return (
    <span className="disclosure" ref={place} onKeyDown={closeOnEscape} onBlur={closeOnLeave}>
      <ActionIcon
        size={size}
        variant="subtle"
        color="gray"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={panelId}
        onClick={() => setOpen(!isOpen)}
      >
        {icon}
      </ActionIcon>
      <div id={panelId} className="disclosure__panel" role="group" aria-label={label} hidden={!isOpen}>
        {isOpen ? children(close) : null}
      </div>
    </span>
  );
}
