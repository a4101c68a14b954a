import { SegmentedControl } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { useUrlParameter } from "../../shared/url-parameter.ts";
import { outboxQuery } from "./histories-query.ts";

const skeletonPx = 260;
const kinds = [
  { value: "sms", label: "SMS" },
  { value: "email", label: "E-mail" },
];

/** What the demo's phone and mailbox have received. */
export function MessagesView() {
  const [asked, setKind] = useUrlParameter("kind");
  const kind = asked === "email" ? asked : "sms";
  const question = outboxQuery(kind);
  const query = usePolled(question);
  return (
    <div className="stack">
      <SegmentedControl size="xs" aria-label="Kind" value={kind} onChange={setKind} data={kinds} />
      <Loaded query={query} everyMs={question.everyMs} what="Messages" skeletonPx={skeletonPx}>
        {({ is_kept: isKept, data }) =>
          data.length === 0 ? (
            <Message
              icon={IconMailOff}
              tone="neutral"
              title={isKept ? "No message was sent yet" : "Messages are not kept here"}
            >
              {isKept
                ? "The demo delivers to a file of the data directory, and here."
                : "They go to a real provider."}
            </Message>
          ) : (
            <ol className="messages" aria-label="Messages, newest first">
              {data.map(({ id, to, text, at }) => (
                <li key={id + at} className="panel">
                  <div className="messages__head">
                    <Instant at={at} /> <strong>{to}</strong>
                  </div>
                  <p className="messages__text">{text}</p>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </div>
  );
}
