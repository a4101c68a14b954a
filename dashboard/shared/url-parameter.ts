import { useCallback } from "react";
import { useSearchParams } from "wouter";

/**
 * A word of the address, so that what is seen can be linked to.
 *
 * @returns the word, empty for none, and how to change it; an empty one is taken out of the address
 */
export function useUrlParameter(name: string): readonly [string, (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (value: string) => {
      setParameters(
        (previous) => {
          const next = new URLSearchParams(previous);
          if (value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      );
    },
    [name, setParameters],
  );
  return [parameters.get(name) ?? "", set];
}
