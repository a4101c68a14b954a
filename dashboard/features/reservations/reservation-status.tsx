import { IconCircleCheck, IconClockX, IconHourglassHigh, IconX } from "@tabler/icons-react";
import type { Timeline } from "../../../api/contract/dashboard-lists.ts";
import { Tag } from "../../shared/ui/tag.tsx";

type Status = Timeline["data"][number]["status"];

/** What a reservation is, in icon, word and colour. */
export function ReservationStatus({ status }: { readonly status: Status }) {
  switch (status) {
    case "held":
      return <Tag icon={IconHourglassHigh} tone="warning" word="Held" />;
    case "confirmed":
      return <Tag icon={IconCircleCheck} tone="good" word="Confirmed" />;
    case "cancelled":
      return <Tag icon={IconX} tone="neutral" word="Cancelled" />;
    case "expired":
      return <Tag icon={IconClockX} tone="neutral" word="Expired" />;
  }
}
