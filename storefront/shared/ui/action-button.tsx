import { Button, type ButtonProps, Loader } from "@mantine/core";

interface ActionButtonProps extends ButtonProps {
  /** While what was asked for is under way, the button keeps the focus and does nothing. */
  readonly isBusy: boolean;
  readonly onClick: () => void;
  readonly "aria-label"?: string;
}

/** A button for what takes a while. It is never switched off in between, since the focus would be lost with it. */
export function ActionButton({ isBusy, onClick, leftSection, ...others }: ActionButtonProps) {
  return (
    <Button
      {...others}
      leftSection={isBusy ? <Loader size={18} color="currentColor" aria-hidden /> : leftSection}
      aria-disabled={isBusy}
      onClick={() => {
        if (!isBusy) onClick();
      }}
    />
  );
}
