import { NativeSelect } from "@mantine/core";
import { jobStates } from "./job-state.tsx";

interface StateFilterProps {
  readonly state: string;
  readonly onChange: (state: string) => void;
}

/** Chooses one state of jobs, or all. */
export function StateFilter({ state, onChange }: StateFilterProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label="State"
      value={state}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: "", label: "Every state" }, ...jobStates]}
    />
  );
}
