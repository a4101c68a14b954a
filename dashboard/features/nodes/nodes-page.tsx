import { IconAlertTriangle, IconServerOff } from "@tabler/icons-react";
import type { NodeEntry } from "../../../api/contract/dashboard-lists.ts";
import { countOf, formatBytes, formatMeasure } from "../../shared/format/numbers.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Age } from "../../shared/ui/age.tsx";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { NodeState } from "./node-state.tsx";
import { nodesQuery } from "./nodes-query.ts";

const skeletonPx = 240;

const roleWords: Readonly<Record<NodeEntry["role"], string>> = {
  all: "Requests and jobs",
  api: "Requests",
  jobs: "Jobs",
};

const columns: readonly Column<NodeEntry>[] = [
  { title: "Node", show: (node) => <NodeName node={node} /> },
  { title: "State", show: ({ state }) => <NodeState state={state} /> },
  { title: "Does", show: ({ role }) => roleWords[role] ?? role },
  { title: "Version", show: ({ version }) => version },
  { title: "Last seen", show: ({ seen_at: at }) => <Instant at={at} /> },
  { title: "Age", isNumber: true, show: ({ started_at: at }) => <Age since={at} /> },
  { title: "Workers", unit: "live / wanted", isNumber: true, show: (node) => <WorkerCounts node={node} /> },
  { title: "Requests", unit: "/s", isNumber: true, show: ({ rps }) => <Figure text={formatMeasure(rps)} /> },
  {
    title: "CPU",
    unit: "%",
    isNumber: true,
    show: ({ cpu_percent: cpu }) => <Figure text={formatMeasure(cpu)} />,
  },
  {
    title: "Memory",
    isNumber: true,
    show: ({ memory_bytes: bytes }) => <Figure text={formatBytes(bytes)} />,
  },
];

/** Every machine that runs a supervisor on this database. */
export default function NodesPage() {
  const query = usePolled(nodesQuery);
  return (
    <Page title="Nodes" summary={query.data === undefined ? undefined : summarise(query.data.data)}>
      <Loaded query={query} everyMs={nodesQuery.everyMs} what="Nodes" skeletonPx={skeletonPx}>
        {({ data }) => (
          <div className="stack">
            <VersionNotice nodes={data} />
            {data.length === 0 ? (
              <Message icon={IconServerOff} tone="neutral" title="No node has reported yet">
                Each supervisor writes down every few seconds that it lives. The first report is a few seconds
                away.
              </Message>
            ) : (
              <DataTable
                caption="Machines on this database"
                columns={columns}
                rows={data}
                keyOf={({ id }) => id}
              />
            )}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function summarise(nodes: readonly NodeEntry[]): string {
  const live = nodes.filter(({ state }) => state === "live").length;
  return `${countOf(live, "machine")} live on this database`;
}

/** Two versions at once are normal while an update rolls through, and worth knowing at any other time. */
function VersionNotice({ nodes }: { readonly nodes: readonly NodeEntry[] }) {
  const versions = [...new Set(nodes.filter(({ state }) => state === "live").map(({ version }) => version))];
  if (versions.length < 2) return null;
  return (
    <Message icon={IconAlertTriangle} tone="warning" title="Live nodes run different versions">
      {versions.sort().join(", ")}. That is as it should be only while an update is under way.
    </Message>
  );
}

function NodeName({ node }: { readonly node: NodeEntry }) {
  return (
    <>
      {node.name}
      {node.is_this ? <div className="nodes__this">answers this page</div> : null}
    </>
  );
}

function WorkerCounts({ node }: { readonly node: NodeEntry }) {
  return (
    <span className="figure">
      {node.workers_live} / {node.workers_wanted}
    </span>
  );
}
