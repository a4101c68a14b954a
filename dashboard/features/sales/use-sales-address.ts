import { useCallback } from "react";
import { useSearchParams } from "wouter";

/** What of the sales is shown, kept in the address. Each page is a step of the browser's history, so Back works. */
export function useSalesAddress() {
  const [parameters, setParameters] = useSearchParams();
  const search = parameters.get("search") ?? "";
  const startingAfter = parameters.get("after");
  const setSearch = useCallback(
    (text: string) => setParameters(text === "" ? {} : { search: text }, { replace: true }),
    [setParameters],
  );
  const kept: Record<string, string> = search === "" ? {} : { search };
  return {
    search,
    startingAfter,
    setSearch,
    toPageAfter: (id: string) => setParameters({ ...kept, after: id }),
    toFirstPage: () => setParameters(kept),
  };
}
