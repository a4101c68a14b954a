import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Component, type ReactNode } from "react";
import { Message } from "./message.tsx";

interface PageBoundaryProps {
  readonly children: ReactNode;
}

/** Keeps a page that fails from taking the verdict with it. Another page can be opened, and this one again. */
export class PageBoundary extends Component<PageBoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Message icon={IconAlertTriangle} tone="critical" title="This page could not be shown">
        <p>The service may have been updated since the page was opened. The figures above stay live.</p>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          Load again
        </Button>
      </Message>
    );
  }
}
