import {
  IconCalendarTime,
  IconCircleCheck,
  IconFlag,
  IconHourglassHigh,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
} from "@tabler/icons-react";
import type { SaleEntry } from "../../../api/contract/dashboard-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";

/** What a buyer may expect of an event now, in icon, word and colour. */
export function SaleStatus({ status }: Pick<SaleEntry, "status">) {
  switch (status) {
    case "scheduled":
      return <Tag icon={IconCalendarTime} tone="info" word="Not started" />;
    case "on_sale":
      return <Tag icon={IconPlayerPlayFilled} tone="good" word="On sale" />;
    case "paused":
      return <Tag icon={IconPlayerPauseFilled} tone="warning" word="Paused" />;
    case "all_held":
      return (
        <Tag
          icon={IconHourglassHigh}
          tone="info"
          word="All held"
          title="No ticket is free now, some are held"
        />
      );
    case "sold_out":
      return <Tag icon={IconCircleCheck} tone="neutral" word="Sold out" />;
    case "ended":
      return <Tag icon={IconFlag} tone="neutral" word="Ended" />;
  }
}
