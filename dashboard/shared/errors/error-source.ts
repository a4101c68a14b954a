import type { ErrorEntry } from "../../../api/contract/dashboard.ts";

/** Who reported an entry, for people. */
export function describeSource({ worker }: Pick<ErrorEntry, "worker">): string {
  return worker === null ? "Supervisor" : `Worker ${worker}`;
}
