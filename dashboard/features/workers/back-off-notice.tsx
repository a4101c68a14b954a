import { IconAlertTriangle } from "@tabler/icons-react";
import type { Workers } from "../../../api/contract/dashboard-lists.ts";
import { countOf } from "../../shared/format/numbers.ts";
import { Message } from "../../shared/states/message.tsx";
import { Instant } from "../../shared/ui/instant.tsx";

/** Says that workers end as soon as they start, so that new ones are started more and more rarely. */
export function BackOffNotice({ backOff }: { readonly backOff: Workers["back_off"] }) {
  if (backOff === null) return null;
  return (
    <div role="alert">
      <Message icon={IconAlertTriangle} tone="critical" title="Workers crash at every start">
        {countOf(backOff.failures, "start")} failed in a row, the last one with{" "}
        <code>{backOff.last_exit}</code>. The next try is at <Instant at={backOff.next_try_at} />.
      </Message>
    </div>
  );
}
