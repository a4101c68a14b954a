import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JobEntry } from "../../../api/contract/job-lists.ts";
import { KeyDialog } from "../../shared/access/key-dialog.tsx";
import { Refusal } from "../../shared/access/refusal.tsx";
import { Dialog } from "../../shared/ui/dialog.tsx";
import { steerJob } from "./steer-job.ts";

interface CancelJobDialogProps {
  readonly job: JobEntry;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** What it means that a job is not done. */
const losses: Readonly<Record<string, string>> = {
  "send-receipt": "The buyer gets no receipt. The order stays as it is.",
  "send-code": "The code is not sent. The customer can ask for another one.",
  "place-restock-order":
    "The tickets are not ordered, and no new order is placed until the stock has recovered or the rule is changed.",
  "deliver-webhooks": "The message is not delivered, and the shop's system does not hear of what happened.",
};

/** Asks before a job is left undone. */
export function CancelJobDialog({ job, onDone, onClose }: CancelJobDialogProps) {
  const [isAskingKey, setAskingKey] = useState(false);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => steerJob(job, "cancel"),
    onSuccess: async () => {
      onDone();
      onClose();
      await client.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  return (
    <>
      <Dialog title="Cancel the job" onClose={onClose}>
        <p>
          <strong>{job.about?.text ?? job.queue}</strong>
        </p>
        <p className="muted">It is not tried again. {losses[job.queue]}</p>
        {cancel.error === null ? null : (
          <Refusal
            error={cancel.error}
            unsure="It is not known whether the job was cancelled: look at the list before you try again."
            onAskKey={() => setAskingKey(true)}
          />
        )}
        <div className="dialog__actions">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep it
          </Button>
          <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel the job
          </Button>
        </div>
      </Dialog>
      {isAskingKey ? <KeyDialog onClose={() => setAskingKey(false)} /> : null}
    </>
  );
}
