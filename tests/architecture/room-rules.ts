import { type Import, importsOf, type Source } from "./read-sources.ts";

/** What a room may import besides itself: rooms, or files of the project. "types of X" allows `import type` only. */
type Allowed = readonly string[] | "anything in api" | "anything";

/** The rooms, and who may import whom. Type imports count as imports. */
const rooms: Readonly<Record<string, Allowed>> = {
  contract: [],
  kernel: ["contract"],
  domain: ["contract"],
  store: ["domain", "kernel"],
  desk: ["store", "domain", "kernel"],
  providers: ["kernel", "contract"],
  "features/*": ["features", "desk", "store", "domain", "providers", "kernel", "contract"],
  features: ["features/*", "desk", "store", "domain", "providers", "kernel", "contract"],
  jobs: ["features", "features/*", "desk", "store", "kernel"],
  http: ["features", "features/*", "types of desk", "domain", "contract", "kernel"],
  operations: ["http", "store", "domain", "kernel", "contract"],
  supervisor: "anything in api",
  "worker.ts": "anything in api",
  "worker-process.ts": "anything in api",
  "ways-out.ts": "anything in api",
  "worker-settings.ts": [],
  "main.ts": "anything in api",
  "audit-stock.ts": "anything in api",
  "node-cluster-autoscale": [],
  "dashboard/shared": ["types of contract"],
  "dashboard/features/*": ["dashboard/shared", "types of contract"],
  "dashboard/app": ["dashboard/features/*", "dashboard/shared", "types of contract"],
  "storefront/shared": ["clients", "types of contract"],
  "storefront/features/*": ["storefront/shared", "clients", "types of contract"],
  "storefront/app": ["storefront/features/*", "storefront/shared", "clients", "types of contract"],
  clients: ["types of contract"],
  // How pages are built.
  "vite.config.ts": ["scripts"],
  demo: ["contract", "clients"],
  migrations: [],
  // What attacks the service knows it only by its contract, its processes and its database, which it keeps as the service
  // would, at a port that is chosen as the service would.
  chaos: ["contract", "api/store/embedded/", "api/kernel/choose-port.ts"],
  bench: [
    "contract",
    "http",
    "worker.ts",
    "api/store/embedded/",
    "api/store/migrate.ts",
    "tests/support/open-browser.ts",
  ],
  tests: "anything",
  scripts: "anything",
};

/** Packages that belong to some rooms only. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  // The benchmark measures a bare Express application beside the service.
  express: ["http", "operations", "bench"],
  kysely: ["store", "migrations"],
  pg: ["store", "bench", "chaos", "tests", "scripts"],
  "node-cluster-autoscale": ["supervisor", "worker-process.ts", "main.ts", "node-cluster-autoscale", "tests"],
  "@holdfast/client": [
    "storefront/shared",
    "storefront/features/*",
    "storefront/app",
    "demo",
    "chaos",
    "tests",
  ],
  "pg-boss": ["store", "tests"],
  nodemailer: ["providers"],
  cockatiel: ["providers"],
  "libphonenumber-js": ["features/*"],
  standardwebhooks: ["providers", "tests"],
  stripe: ["providers"],
};

/**
 * The room of a file; a capability of `features`, of the service or of pages in a browser, is a room of its own. Null
 * for what is in no room.
 */
export function roomOf(path: string): string | null {
  const [top = "", second = "", third] = path.split("/");
  if (top === "dashboard" || top === "storefront") return roomOfPages(top, second, third);
  if (top !== "api") return Object.hasOwn(rooms, top) ? top : null;
  if (second === "features" && third !== undefined && path.split("/").length > 3) return `features/${third}`;
  return Object.hasOwn(rooms, second) ? second : null;
}

function roomOfPages(top: string, second: string, third: string | undefined): string | null {
  if (second === "vite.config.ts") return second;
  if (second === "features" && third !== undefined) return `${top}/features/${third}`;
  return Object.hasOwn(rooms, `${top}/${second}`) ? `${top}/${second}` : null;
}

/** What is wrong with a file's imports: each complaint names the file, the import and the rule. */
export function complainAboutImports(source: Source): string[] {
  return importsOf(source).flatMap((each) => {
    const complaint = each.isOurs ? complainAboutRoom(each) : complainAboutPackage(each);
    return complaint === null ? [] : [complaint];
  });
}

function complainAboutRoom({ from, to, isTypeOnly }: Import): string | null {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === null) return `${from} is in no room of the table.`;
  if (here === there) return null;
  const allowed = rooms[kindOf(here)] ?? [];
  const isInApi = to.startsWith("api/");
  if (allowed === "anything" || (allowed === "anything in api" && isInApi)) return null;
  if (typeof allowed !== "string" && there !== null && allows(allowed, to, there, isTypeOnly)) return null;
  const rule = typeof allowed === "string" ? allowed : allowed.join(", ") || "nothing of ours";
  return `${from} imports ${to}, but ${here} may import only: ${rule}.`;
}

function allows(allowed: readonly string[], to: string, there: string, isTypeOnly: boolean): boolean {
  if (allowed.some((entry) => entry === to || (entry.startsWith("api/") && to.startsWith(entry))))
    return true;
  const kind = kindOf(there);
  return allowed.includes(kind) || (isTypeOnly && allowed.includes(`types of ${kind}`));
}

function kindOf(room: string): string {
  return room.replace(/features\/[^/]+$/, "features/*");
}

function complainAboutPackage({ from, to }: Import): string | null {
  const name = to
    .split("/")
    .slice(0, to.startsWith("@") ? 2 : 1)
    .join("/");
  const here = roomOf(from);
  if (here === "migrations" && name !== "kysely")
    return `${from} imports ${to}, but migrations may import only: kysely.`;
  const owners = packageRooms[name];
  if (owners === undefined || (here !== null && owners.includes(kindOf(here)))) return null;
  return `${from} imports ${to}, which belongs to: ${owners.join(", ")}.`;
}

/** The circles in a graph, each as the path from a node back to itself. Each circle is told once. */
export function findCircles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (node: string, trail: readonly string[]) => {
    const start = trail.indexOf(node);
    if (start >= 0) {
      circles.push([...trail.slice(start), node].join(" -> "));
      return;
    }
    if (finished.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...trail, node]);
    finished.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return circles;
}

/** Which file imports which, or, told by rooms, which room imports which. */
export function graphOf(
  sources: readonly Source[],
  nameOf: (path: string) => string | null,
): Map<string, string[]> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, isOurs } of sources.flatMap(importsOf)) {
    const [here, there] = [nameOf(from), nameOf(to)];
    if (!isOurs || here === null || there === null || here === there) continue;
    edges.set(here, (edges.get(here) ?? new Set()).add(there));
  }
  return new Map([...edges].map(([node, next]) => [node, [...next]]));
}
