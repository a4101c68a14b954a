import { IconAlertTriangle, IconCircleX, IconSkull } from "@tabler/icons-react";
import type { ErrorEntry } from "../../../api/contract/dashboard.ts";
import { Tag } from "../ui/tag.tsx";

/** How grave an entry is, in icon, word and colour. */
export function LevelTag({ level }: Pick<ErrorEntry, "level">) {
  switch (level) {
    case "warn":
      return <Tag icon={IconAlertTriangle} tone="warning" word="Warning" />;
    case "fatal":
      return <Tag icon={IconSkull} tone="critical" word="Fatal" />;
    case "error":
    default:
      return <Tag icon={IconCircleX} tone="critical" word="Error" />;
  }
}
