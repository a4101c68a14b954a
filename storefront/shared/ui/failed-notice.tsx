import { Button } from "@mantine/core";
import { explain } from "../api/explain-problem.ts";
import { Notice } from "./notice.tsx";

interface FailedNoticeProps {
  readonly error: unknown;
  /** Whether something that was read before is still shown. */
  readonly hasOldData: boolean;
  readonly onRetry: () => unknown;
}

/** A page that could not be read: why, what is shown instead, and the way to ask again. */
export function FailedNotice({ error, hasOldData, onRetry }: FailedNoticeProps) {
  return (
    <Notice tone="bad" role="alert" title="This could not be loaded">
      <p>
        {explain(error)}
        {hasOldData ? " What is shown is what was known before." : null}
      </p>
      <Button variant="default" onClick={onRetry}>
        Try again
      </Button>
    </Notice>
  );
}
