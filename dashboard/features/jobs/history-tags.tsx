import { IconCircleCheck, IconCircleX, IconHourglassHigh, IconX } from "@tabler/icons-react";
import type { Restocks, Verifications } from "../../../api/contract/job-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";
import { JobState } from "./job-state.tsx";

type Order = Restocks["data"][number];

interface HistoryTagsProps {
  readonly status: Order["status"] | Verifications["data"][number]["verifications"][number]["status"];
  readonly jobState: Order["job_state"];
}

/** What became of something, and the job for it unless that is done. */
export function HistoryTags({ status, jobState }: HistoryTagsProps) {
  return (
    <>
      <Status status={status} />
      {jobState === null || jobState === "cancelled" ? null : <JobState state={jobState} isNamed />}
    </>
  );
}

function Status({ status }: Pick<HistoryTagsProps, "status">) {
  switch (status) {
    case "open":
    case "pending":
    case "placed":
      return <Tag icon={IconHourglassHigh} tone="info" word={wordOf(status)} />;
    case "verified":
    case "delivered":
      return <Tag icon={IconCircleCheck} tone="good" word={wordOf(status)} />;
    case "exhausted":
    case "given_up":
      return <Tag icon={IconCircleX} tone="critical" word={wordOf(status)} />;
    case "expired":
    case "superseded":
    case "cancelled":
      return <Tag icon={IconX} tone="neutral" word={wordOf(status)} />;
  }
}

function wordOf(status: string): string {
  const words = status.replace("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
