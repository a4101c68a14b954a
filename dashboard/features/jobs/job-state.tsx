import { IconCircleX, IconHourglassHigh, IconPlayerPlayFilled, IconRefresh } from "@tabler/icons-react";
import type { JobEntry } from "../../../api/contract/job-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";

/** The states of jobs, as a reader chooses among them. */
export const jobStates: readonly { readonly value: JobEntry["state"]; readonly label: string }[] = [
  { value: "waiting", label: "Waiting" },
  { value: "running", label: "Running" },
  { value: "retrying", label: "Retrying" },
  { value: "failed", label: "Failed" },
];

interface JobStateProps extends Pick<JobEntry, "state"> {
  /** Whether it stands beside other states, so that it has to say whose it is. */
  readonly isNamed?: boolean;
}

/** How a job is doing, in icon, word and colour. */
export function JobState({ state, isNamed = false }: JobStateProps) {
  const word = (plain: string) => (isNamed ? `Job: ${plain.toLowerCase()}` : plain);
  switch (state) {
    case "waiting":
      return <Tag icon={IconHourglassHigh} tone="neutral" word={word("Waiting")} />;
    case "running":
      return <Tag icon={IconPlayerPlayFilled} tone="good" word={word("Running")} />;
    case "retrying":
      return <Tag icon={IconRefresh} tone="warning" word={word("Retrying")} />;
    case "failed":
      return <Tag icon={IconCircleX} tone="critical" word={word("Failed")} />;
  }
}
