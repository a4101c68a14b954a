import { IconCircleCheck, IconPlayerStop, IconPlugConnectedX } from "@tabler/icons-react";
import type { NodeEntry } from "../../../api/contract/dashboard-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";

/** How a machine is doing, in icon, word and colour. */
export function NodeState({ state }: Pick<NodeEntry, "state">) {
  switch (state) {
    case "live":
      return <Tag icon={IconCircleCheck} tone="good" word="Live" />;
    case "lost":
      return (
        <Tag
          icon={IconPlugConnectedX}
          tone="critical"
          word="Lost"
          title="It has not reported, and did not say goodbye"
        />
      );
    case "stopped":
      return <Tag icon={IconPlayerStop} tone="neutral" word="Stopped" title="It was stopped on purpose" />;
  }
}
