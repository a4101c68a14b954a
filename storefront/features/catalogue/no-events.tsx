import { Button } from "@mantine/core";

interface NoEventsProps {
  readonly search: string;
  readonly onClear: () => void;
}

/** What there is to say when no event is there to be shown. */
export function NoEvents({ search, onClear }: NoEventsProps) {
  if (search === "")
    return (
      <div className="blank">
        <h2 className="blank__title">Nothing is on sale yet</h2>
        <p>As soon as there is an event, you will find it here.</p>
      </div>
    );
  return (
    <div className="blank">
      <h2 className="blank__title">No event has that in its name</h2>
      <p>Try fewer letters, or look at everything.</p>
      <Button variant="default" onClick={onClear}>
        Show all events
      </Button>
    </div>
  );
}
