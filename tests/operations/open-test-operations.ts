import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as sendRequest, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { type ArrivalLimits, listen, urlOf } from "../../api/http/listen.ts";
import { createLog } from "../../api/kernel/log.ts";
import { MetricRecorder } from "../../api/kernel/record-metrics.ts";
import { type JobStatus, type WorkerReport, workerReport } from "../../api/kernel/worker-report.ts";
import {
  type ClusterSnapshot,
  type ClusterWorker,
  createOperations,
  type Operations,
  type OperationsPorts,
} from "../../api/operations/create-operations.ts";
import { MetricTotals } from "../../api/operations/metric-totals.ts";
import { learnJobStatements } from "../../api/supervisor/learn-job-statements.ts";
import { openControls } from "../../api/supervisor/open-controls.ts";

interface OpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

interface OpsSent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface TestOperations {
  readonly url: string;
  readonly operations: Operations;
  readonly totals: MetricTotals;
  /** Counts like a worker; `report` hands it over. */
  readonly recorder: MetricRecorder;
  readonly jobsRun: string[];
  readonly nodeId: string;
  /** What the cluster looks like from now on. */
  setCluster(change: Partial<ClusterSnapshot>): void;
  /** Sends what worker 1 has to say. */
  report(change?: Partial<WorkerReport>, workerId?: number): void;
  send(path: string, sent?: OpsSent): Promise<OpsAnswer>;
  /** Reads a reply and holds it against its schema. */
  read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>>;
  close(): Promise<void>;
}

/** Starts the operations listener on a free port, over a real database. Only the cluster is made up. */
export async function openTestOperations(
  options: { readonly connectionString: string } & Partial<OperationsPorts> & {
      readonly nodeId?: string;
      readonly nodeName?: string;
      readonly isStarted?: boolean;
      readonly arrivalLimits?: Partial<ArrivalLimits>;
      readonly trustedProxies?: readonly string[];
    },
): Promise<TestOperations> {
  const { nodeId = randomUUID(), nodeName = "test machine", isStarted = true, ...others } = options;
  const { arrivalLimits = {}, trustedProxies = [], ...ports } = others;
  const { connectionString } = ports;
  const log = createLog("silent");
  const totals = new MetricTotals();
  const jobStatementTexts = await learnJobStatements(connectionString, log);
  const controls = openControls(connectionString, jobStatementTexts, log);
  const folder = await buildDashboard();
  const dataFolder = await mkdtemp(join(tmpdir(), "holdfast-test-data-"));
  const jobsRun: string[] = [];
  let cluster = sampleCluster();
  const operations = createOperations({
    totals,
    node: { id: nodeId, name: nodeName, version: "1.2.3", role: "all", startedAtMs: Date.now() },
    log,
    host: "127.0.0.1",
    authorize: controls.authorize,
    setPaused: controls.setPaused,
    closeRestock: controls.closeRestock,
    reopenRestock: controls.reopenRestock,
    runJob: (name) => {
      jobsRun.push(name);
      return true;
    },
    dashboardFolder: folder,
    historyFile: join(dataFolder, "history.gz"),
    outboxes: { isDemo: true, smsFile: null, emailFile: null },
    ...ports,
    cluster: { snapshot: () => cluster },
  });
  const server = await listen(
    operations.app,
    { host: "127.0.0.1", port: 0, setting: "OPS_PORT" },
    { limits: arrivalLimits, trustedProxies },
  );
  const url = urlOf(server, "127.0.0.1");
  if (isStarted) operations.start();
  const recorder = new MetricRecorder();
  const send: TestOperations["send"] = (path, sent) => sendTo(url, path, sent);
  return {
    url,
    operations,
    totals,
    recorder,
    jobsRun,
    nodeId,
    setCluster: (change) => {
      cluster = { ...cluster, ...change };
    },
    report: (change = {}, workerId = 1) => {
      const report = { ...sampleReport, metrics: recorder.takeDeltas(), ...change };
      operations.receive(workerId, workerReport.parse(report));
    },
    send,
    read: async (path, schema) => {
      const answer = await send(path);
      if (answer.status !== 200)
        throw new Error(`Wanted 200 of ${path}, got ${answer.status} ${answer.text}`);
      return schema.parse(JSON.parse(answer.text));
    },
    close: async () => {
      await closeServer(server);
      await operations.stop();
      await controls.close();
      for (const each of [folder, dataFolder]) await rm(each, { recursive: true });
    },
  };
}

const sampleReport: WorkerReport = {
  metrics: [],
  gauges: { queue_depth: 3, pool_connections: 2, pool_max: 4, pool_waiting: 1, open_streams: 5 },
  errors: [],
  errors_dropped: 0,
  jobs: null,
};

export function sampleError(message: string): WorkerReport["errors"][number] {
  return {
    at_ms: Date.now(),
    level: "error",
    message,
    error_type: "Error",
    sqlstate: null,
    request_id: "req_1",
    route: "/v1/events/{event_id}/reservations",
    status: 500,
    stack: "Error: here",
  };
}

export function sampleJob(name: string, change: Partial<JobStatus> = {}): JobStatus {
  return {
    name,
    purpose: "Does what has to be done.",
    state: "waiting",
    runs_total: 5,
    failures_total: 1,
    last_run_at_ms: Date.now(),
    last_error: null,
    next_run_at_ms: Date.now() + 1_000,
    can_run_now: true,
    figures: {},
    ...change,
  };
}

export function sampleWorker(change: Partial<ClusterWorker> = {}): ClusterWorker {
  return {
    id: 1,
    slot: 0,
    pid: 4_711,
    state: "ready",
    startedAtMs: Date.now() - 60_000,
    requestsPerSecond: 12,
    requestsTotal: 720,
    cpuPercent: 30,
    memoryBytes: 90_000_000,
    eventLoopLagMs: 2,
    restarts: 0,
    leads: true,
    connections: 8,
    ...change,
  };
}

function sampleCluster(): ClusterSnapshot {
  return {
    min: 1,
    max: 6,
    wanted: 1,
    live: 1,
    workers: [sampleWorker()],
    restarts: 0,
    malformedMessages: 0,
    requestsTotal: 720,
    backOff: null,
  };
}

/** What Vite would leave behind. */
async function buildDashboard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-test-dashboard-"));
  await mkdir(join(folder, "assets"));
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html><script src="/assets/index-abc.js"></script>${" ".repeat(2_000)}`,
  );
  await writeFile(join(folder, "assets/index-abc.js"), `const a = 1;\n`.repeat(1_000));
  await writeFile(join(folder, "favicon.png"), Buffer.alloc(2_000, 1));
  return folder;
}

/** Sends a request as it is told, with any Host header. */
function sendTo(url: string, path: string, sent: OpsSent = {}): Promise<OpsAnswer> {
  const { hostname, port } = new URL(url);
  const body =
    sent.body === undefined ? null : typeof sent.body === "string" ? sent.body : JSON.stringify(sent.body);
  const headers = { ...(body !== null && { "content-type": "application/json" }), ...sent.headers };
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      {
        hostname,
        port,
        path,
        method: sent.method ?? (body === null ? "GET" : "POST"),
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: bytes.toString("utf8"),
            bytes,
          });
        });
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body ?? undefined);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
