import { IconCircleCheck, IconDoorExit, IconLoader, IconSnowflake } from "@tabler/icons-react";
import type { WorkerEntry } from "../../../api/contract/dashboard-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";

/** How a worker is doing, in icon, word and colour. */
export function WorkerState({ state }: Pick<WorkerEntry, "state">) {
  switch (state) {
    case "starting":
      return <Tag icon={IconLoader} tone="info" word="Starting" />;
    case "ready":
      return <Tag icon={IconCircleCheck} tone="good" word="Ready" />;
    case "draining":
      return (
        <Tag
          icon={IconDoorExit}
          tone="neutral"
          word="Draining"
          title="Ends the requests that it has, takes no more"
        />
      );
    case "hung":
      return <Tag icon={IconSnowflake} tone="critical" word="Hung" title="Its event loop does not answer" />;
  }
}
