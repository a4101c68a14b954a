import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Notice } from "../shared/ui/notice.tsx";

interface PageBoundaryProps {
  readonly children: ReactNode;
}

/** Keeps a page that fails from taking the cart with it. Another page can be opened, and this one again. */
export class PageBoundary extends Component<PageBoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Notice tone="bad" role="alert" title="This page could not be shown">
        <p>Your cart is safe. The shop may have been updated since you opened it: load the page again.</p>
        <Button onClick={() => location.reload()}>Load again</Button>
      </Notice>
    );
  }
}
