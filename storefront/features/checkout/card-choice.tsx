import { IconCreditCard } from "@tabler/icons-react";
import { testCards } from "./test-cards.ts";

interface CardChoiceProps {
  readonly token: string;
  readonly onChange: (token: string) => void;
}

/** The cards that one can pay with in a demonstration. */
export function CardChoice({ token, onChange }: CardChoiceProps) {
  return (
    <fieldset className="choice">
      <legend className="form__title">Pay with a test card</legend>
      <p className="form__hint">
        This shop is a demonstration: no real card is asked for, and no money moves.
      </p>
      <div className="choice__cards">
        {testCards.map((card) => (
          <label className="choice__card" key={card.token}>
            <input
              type="radio"
              name="card"
              value={card.token}
              checked={card.token === token}
              onChange={() => onChange(card.token)}
            />
            <IconCreditCard size={24} stroke={1.6} aria-hidden className="choice__sign" />
            <span className="choice__text">
              <span className="choice__name">
                {card.name} <span className="choice__digits">ending {card.digits}</span>
              </span>
              <span className="choice__effect">{card.effect}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
