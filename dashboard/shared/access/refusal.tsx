import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { explain, isForbidden, isUnauthorized, isWithoutEffect } from "../api/request.ts";

interface RefusalProps {
  readonly error: Error;
  /** What is said when nobody knows whether the change was made. */
  readonly unsure: string;
  readonly onAskKey: () => void;
}

/** Why a change was refused; a missing key can be given on the spot. */
export function Refusal({ error, unsure, onAskKey }: RefusalProps) {
  const needsKey = isForbidden(error) || isUnauthorized(error);
  return (
    <div className="refusal" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        {needsKey
          ? "An admin key is needed for this. Nothing was changed."
          : `${explain(error)} ${isWithoutEffect(error) ? "Nothing was changed." : unsure}`}
        {needsKey ? (
          <Button size="compact-xs" variant="default" ml="xs" onClick={onAskKey}>
            Use an admin key
          </Button>
        ) : null}
      </div>
    </div>
  );
}
