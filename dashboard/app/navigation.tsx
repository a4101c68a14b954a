import { ActionIcon } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { useLatest } from "../shared/polling/use-polled.ts";
import { overviewQuery } from "../shared/queries/overview-query.ts";
import { Dialog } from "../shared/ui/dialog.tsx";
import { Brand } from "./brand.tsx";
import { pages } from "./pages.tsx";

/** The navigation of a wide screen, with what is running at its foot. */
export function SideNavigation() {
  return (
    <nav className="side" aria-label="Pages">
      <Brand />
      <PageLinks />
      <RunningVersion />
    </nav>
  );
}

/** The navigation of a narrow screen: a line whose menu opens the same links. */
export function NarrowTopLine({ tools }: { readonly tools: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <div className="top-line">
      <ActionIcon
        size={40}
        variant="subtle"
        color="gray"
        aria-label="Open the navigation"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      >
        <IconMenu2 size={20} aria-hidden />
      </ActionIcon>
      <Brand />
      {tools}
      {isOpen ? (
        <Dialog kind="drawer" title="Holdfast" onClose={close}>
          <nav aria-label="Pages">
            <PageLinks onFollow={close} />
          </nav>
          <RunningVersion />
        </Dialog>
      ) : null}
    </div>
  );
}

function PageLinks({ onFollow }: { readonly onFollow?: () => void }) {
  const [location] = useLocation();
  return (
    <ul className="nav">
      {pages.map(({ path, title, icon: Sign }) => (
        <li key={path}>
          <Link
            href={path}
            className="nav__link"
            aria-current={location === path ? "page" : undefined}
            onClick={() => onFollow?.()}
          >
            <Sign size={17} stroke={1.8} aria-hidden />
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function RunningVersion() {
  const { data } = useLatest(overviewQuery);
  if (data === undefined) return null;
  return (
    <p className="side__foot">
      Node {data.node}
      <br />
      Version {data.version}
    </p>
  );
}
