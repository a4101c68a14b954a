import { Link, useSearchParams } from "wouter";
import { Page } from "../../shared/ui/page.tsx";
import { HistoriesView } from "./histories-view.tsx";
import { MessagesView } from "./messages-view.tsx";
import { QueuesView } from "./queues-view.tsx";
import { WorkView } from "./work-view.tsx";

const views = [
  { name: "queues", title: "Queues", Content: QueuesView },
  { name: "work", title: "Work", Content: WorkView },
  { name: "histories", title: "Histories", Content: HistoriesView },
  { name: "messages", title: "Messages", Content: MessagesView },
] as const;

/** The background work: what runs, what waits, what failed, and why; and what can be done about it. */
export default function JobsPage() {
  const [parameters] = useSearchParams();
  const named =
    parameters.get("view") ?? (parameters.has("state") || parameters.has("queue") ? "work" : null);
  const { name: shown, Content } = views.find(({ name }) => name === named) ?? views[0];
  return (
    <Page title="Jobs" summary="Background work, on every machine that does any">
      <nav className="views" aria-label="Views of the jobs">
        {views.map(({ name, title }) => (
          <Link
            key={name}
            href={name === "queues" ? "/jobs" : `/jobs?view=${name}`}
            className="views__link"
            aria-current={name === shown ? "page" : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      <Content />
    </Page>
  );
}
