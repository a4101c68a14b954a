import { Button } from "@mantine/core";
import { Link } from "wouter";
import { Page } from "../shared/ui/page.tsx";

/** What an address shows that leads nowhere. */
export function NotFoundPage() {
  return (
    <Page title="There is no such page" className="blank">
      <p>The address may have been mistyped. Your cart is where it was.</p>
      <Button component={Link} href="/" variant="default">
        See what's on
      </Button>
    </Page>
  );
}
