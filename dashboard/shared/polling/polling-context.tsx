import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

interface Polling {
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
}

const PollingContext = createContext<Polling | null>(null);

/** Lets everything below stop asking at one switch. */
export function PollingProvider({ children }: { readonly children: ReactNode }) {
  const [isPaused, setPaused] = useState(false);
  const polling = useMemo(() => ({ isPaused, setPaused }), [isPaused]);
  return <PollingContext value={polling}>{children}</PollingContext>;
}

export function usePolling(): Polling {
  const polling = useContext(PollingContext);
  if (polling === null) throw new Error("usePolling is called outside of PollingProvider.");
  return polling;
}
