import { ActionIcon } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { formatTickets } from "../format/money.ts";

interface QuantityPickerProps {
  /** What is counted, such as "Tickets for Harbour Jazz". */
  readonly label: string;
  readonly quantity: number;
  readonly quantityMax: number;
  readonly isDisabled?: boolean;
  readonly onChange: (quantity: number) => void;
}

/** How many tickets, from 1 to what the event allows. */
export function QuantityPicker({
  label,
  quantity,
  quantityMax,
  isDisabled = false,
  onChange,
}: QuantityPickerProps) {
  // Not switched off, since the focus would be lost with it.
  const mayLower = !isDisabled && quantity > 1;
  const mayRaise = !isDisabled && quantity < quantityMax;
  return (
    <div className="quantity" role="group" aria-label={label}>
      <ActionIcon
        size={44}
        variant="default"
        aria-label="One ticket fewer"
        aria-disabled={!mayLower}
        onClick={() => mayLower && onChange(quantity - 1)}
      >
        <IconMinus size={18} />
      </ActionIcon>
      <output className="quantity__count" aria-label={formatTickets(quantity)}>
        {quantity}
      </output>
      <ActionIcon
        size={44}
        variant="default"
        aria-label="One ticket more"
        aria-disabled={!mayRaise}
        onClick={() => mayRaise && onChange(quantity + 1)}
      >
        <IconPlus size={18} />
      </ActionIcon>
    </div>
  );
}
