import { Dialog } from "../ui/dialog.tsx";
import { KeyForm } from "./key-form.tsx";

/** Asks for a key while the figures stay where they are. */
export function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Use a key" onClose={onClose}>
      <KeyForm refusal={null} onDone={onClose} />
    </Dialog>
  );
}
