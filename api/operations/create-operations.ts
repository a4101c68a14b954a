import { resolve } from "node:path";
import { ownContentOnly, PageFiles } from "../http/page-files.ts";
import { type Database, openDatabase } from "../store/open-database.ts";
import { createRequestListener } from "./answer-requests.ts";
import { collectGauges } from "./collect-gauges.ts";
import { latencyBounds } from "./count-answers.ts";
import { DatabaseWatch } from "./database-watch.ts";
import { completeError, ErrorFeed } from "./error-feed.ts";
import { ErrorKeeper } from "./error-keeper.ts";
import { RequestGuard } from "./guard-requests.ts";
import { Heartbeat } from "./heartbeat.ts";
import { JobWatch } from "./job-watch.ts";
import { HistoryKeeper } from "./keep-history.ts";
import { MarkLog } from "./mark-log.ts";
import type { Operations, OperationsPorts } from "./operations-ports.ts";
import { PauseWatch } from "./pause-watch.ts";
import { createMetricsPage } from "./render-metrics.ts";
import { listRoutes } from "./route-table.ts";
import { SecondHistory } from "./second-history.ts";
import { Watchtower } from "./watchtower.ts";
import { WorkerReports } from "./worker-reports.ts";

export type * from "./operations-ports.ts";

const migrationsFolder = resolve(import.meta.dirname, "../../migrations");
/** Connections for pages, heartbeat, errors and pauses. */
const connectionsMax = 2;
/** What takes longer than this to say goodbye is left behind. */
const goodbyeMaxMs = 1_000;

/**
 * Puts together everything behind the operations listener, with the charts' figures of before. Nothing runs before
 * `start`, but the application answers already.
 */
export function createOperations(ports: OperationsPorts): Operations {
  const { totals, node, log } = ports;
  // The watch has a connection of its own: a page that takes long must not make the database look slow.
  const databases = { watching: open(ports, 1), database: open(ports, connectionsMax) };
  const parts = createParts(ports, databases);
  const { marks, reports, feed, tower } = parts;
  const loops = [parts.watch, parts.heartbeat, parts.pauses, parts.keeper, parts.historyKeeper];
  return {
    app: createRequestListener({
      routes: listRoutes({ ...parts, ports, log, database: databases.database }),
      guard: new RequestGuard(ports),
      files: new PageFiles(ports.dashboardFolder, ownContentOnly),
      log,
    }),
    receive: (workerId, report) => {
      if (!totals.add(report.metrics))
        log.warn({ worker: workerId }, "A worker's figures were malformed and left out.");
      reports.receive(workerId, report);
      for (const error of report.errors) feed.add(error, workerId);
      if (report.errors_dropped > 0) feed.add(tellDropped(report.errors_dropped), workerId);
    },
    note: (kind, text) => marks.note(kind, text),
    record: (error) => feed.add(completeError(error), null),
    start: () => {
      marks.note("started", `${node.name} started, version ${node.version}`);
      tower.start((error) => log.error({ err: error }, "The figures of a second could not be taken."));
      for (const part of loops) part.start();
    },
    stop: async () => {
      await within(goodbyeMaxMs, Promise.allSettled([tower, ...loops].map((part) => part.stop())));
      const { watching, database } = databases;
      await within(goodbyeMaxMs, Promise.allSettled([watching.destroy(), database.destroy()]));
    },
  };
}

function createParts(
  { cluster, totals, node, log, historyFile }: OperationsPorts,
  { watching, database }: { readonly watching: Database; readonly database: Database },
) {
  const marks = new MarkLog();
  const reports = new WorkerReports();
  const feed = new ErrorFeed(node.name);
  const history = new SecondHistory(latencyBounds.length + 1);
  const historyKeeper = new HistoryKeeper(historyFile, {
    history,
    marks,
    onTrouble: (message, error) => log.warn({ err: error }, message),
  });
  // Before anything is measured: what is older has to come first.
  historyKeeper.restore();
  const onChange = (isUp: boolean, reason: string) => {
    const text = isUp ? "The database is back" : `The database is away: ${reason}`;
    if (isUp) log.info(text);
    else log.error(text);
    marks.note(isUp ? "database_up" : "database_down", text);
  };
  const watch = new DatabaseWatch(watching, { log, migrationsFolder, onChange });
  const tower: Watchtower = new Watchtower({
    totals,
    cluster,
    reports,
    history,
    node,
    database: watch,
    lostNodes: () => heartbeat.lostNames(),
  });
  const heartbeat: Heartbeat = new Heartbeat(database, () => ({
    ...node,
    ...tower.describeLoad(),
  }));
  const pauses = new PauseWatch(database, marks);
  const keeper = new ErrorKeeper(database, feed, node.id);
  const jobWatch = new JobWatch(database);
  const metrics = createMetricsPage({ totals, gauges: () => collectGauges(tower.known()) });
  return {
    marks,
    reports,
    feed,
    history,
    historyKeeper,
    watch,
    tower,
    heartbeat,
    pauses,
    keeper,
    metrics,
    jobWatch,
  };
}

/** Whether it can be reached is for the watch to tell, not for each connection that is lost. */
function open({ connectionString, log }: OperationsPorts, connections: number): Database {
  return openDatabase({
    connectionString,
    connectionsMax: connections,
    onLost: (error) => log.debug({ err: error }, "A database connection was lost."),
  });
}

function tellDropped(count: number) {
  const were = count === 1 ? "1 more error was" : `${count} more errors were`;
  return completeError({
    level: "warn",
    message: `${were} left out: they came faster than they could be told.`,
  });
}

/** Waits for something, but not for ever. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((giveUp) => {
    timer = setTimeout(giveUp, limitMs);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
