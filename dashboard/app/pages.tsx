import {
  type Icon,
  IconActivity,
  IconAlertTriangle,
  IconCpu,
  IconListCheck,
  IconServer2,
  IconTicket,
  IconTimeline,
} from "@tabler/icons-react";
import { type ComponentType, lazy, type LazyExoticComponent } from "react";

/** A page of the dashboard: its address, its place in the navigation, and its code, which is loaded when it is opened. */
export interface DashboardPage {
  readonly path: string;
  readonly title: string;
  readonly icon: Icon;
  readonly Content: LazyExoticComponent<ComponentType>;
}

export const pages: readonly DashboardPage[] = [
  {
    path: "/",
    title: "Overview",
    icon: IconActivity,
    Content: lazy(() => import("../features/overview/overview-page.tsx")),
  },
  {
    path: "/sales",
    title: "Sales",
    icon: IconTicket,
    Content: lazy(() => import("../features/sales/sales-page.tsx")),
  },
  {
    path: "/reservations",
    title: "Reservations",
    icon: IconTimeline,
    Content: lazy(() => import("../features/reservations/reservations-page.tsx")),
  },
  {
    path: "/jobs",
    title: "Jobs",
    icon: IconListCheck,
    Content: lazy(() => import("../features/jobs/jobs-page.tsx")),
  },
  {
    path: "/errors",
    title: "Errors",
    icon: IconAlertTriangle,
    Content: lazy(() => import("../features/errors/errors-page.tsx")),
  },
  {
    path: "/workers",
    title: "Workers",
    icon: IconCpu,
    Content: lazy(() => import("../features/workers/workers-page.tsx")),
  },
  {
    path: "/nodes",
    title: "Nodes",
    icon: IconServer2,
    Content: lazy(() => import("../features/nodes/nodes-page.tsx")),
  },
];
