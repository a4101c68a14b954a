import { IconMapOff } from "@tabler/icons-react";
import { Link } from "wouter";
import { Message } from "../shared/states/message.tsx";
import { Page } from "../shared/ui/page.tsx";

/** What an address shows that leads nowhere. */
export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Message icon={IconMapOff} tone="neutral" title="There is no page at this address">
        <Link href="/">Go to the overview</Link>
      </Message>
    </Page>
  );
}
