import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SaleEntry } from "../../../api/contract/dashboard-lists.ts";
import { KeyDialog } from "../../shared/access/key-dialog.tsx";
import { Refusal } from "../../shared/access/refusal.tsx";
import { Dialog } from "../../shared/ui/dialog.tsx";
import { pauseSale } from "./pause-sale.ts";
import { resumeSale } from "./resume-sale.ts";

interface ChangeSaleDialogProps {
  /** The event whose sale is to stop, or to go on if it is paused. */
  readonly sale: SaleEntry;
  readonly onClose: () => void;
}

/** Asks before a sale is stopped or started again. */
export function ChangeSaleDialog({ sale, onClose }: ChangeSaleDialogProps) {
  // What is asked must not turn into its opposite when the next figures arrive.
  const [isResume] = useState(sale.status === "paused");
  const [isAskingKey, setAskingKey] = useState(false);
  return (
    <>
      <Dialog title={isResume ? "Resume the sale" : "Pause the sale"} onClose={onClose}>
        <ChangeSaleForm
          sale={sale}
          isResume={isResume}
          onClose={onClose}
          onAskKey={() => setAskingKey(true)}
        />
      </Dialog>
      {isAskingKey ? <KeyDialog onClose={() => setAskingKey(false)} /> : null}
    </>
  );
}

interface ChangeSaleFormProps extends ChangeSaleDialogProps {
  readonly isResume: boolean;
  readonly onAskKey: () => void;
}

function ChangeSaleForm({ sale, isResume, onClose, onAskKey }: ChangeSaleFormProps) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => (isResume ? resumeSale(sale.id) : pauseSale(sale.id, reason.trim())),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["sales"] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isResume && reason.trim() === "") return setProblem("Say why: buyers who are refused are told it.");
    setProblem(null);
    change.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>
        <strong>{sale.name}</strong>
      </p>
      {isResume ? (
        <p className="muted">New holds are taken again at once, on every machine.</p>
      ) : (
        <>
          <p className="muted">
            New holds are refused at once, on every machine. Holds that exist can be confirmed.
          </p>
          <Textarea
            mt="md"
            label="Reason"
            description="Buyers who are refused are told it."
            placeholder="We are checking the seating plan. Sales go on at 15:00."
            required
            data-autofocus
            autosize={false}
            rows={3}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value.replaceAll("\n", " "))}
            error={problem}
          />
        </>
      )}
      {change.error === null ? null : (
        <Refusal
          error={change.error}
          unsure="It is not known whether the sale was changed: look at the event before you try again."
          onAskKey={onAskKey}
        />
      )}
      <div className="dialog__actions">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={change.isPending}>
          {isResume ? "Resume the sale" : "Pause the sale"}
        </Button>
      </div>
    </form>
  );
}
