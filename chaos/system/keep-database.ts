// Keeps a PostgreSQL server in a process of its own, as an operator's own would be: started again when it dies, and
// stopped when whoever wanted it is gone. The folder is the first argument.
import {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from "../../api/store/embedded/start-embedded-postgres.ts";

/** What the keeper tells the process that started it. */
export type KeeperMessage =
  | { readonly kind: "serving"; readonly connectionString: string; readonly dataDirectory: string }
  | { readonly kind: "failed"; readonly message: string };

const tell = (message: KeeperMessage) => process.send?.(message);
const stopping = new AbortController();
// Ctrl-C is meant for the process that started this one, which then lets go of it in order.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
process.on("disconnect", () => stopping.abort());

try {
  const database = await startEmbeddedPostgres({
    dataDir: process.argv[2] ?? "",
    log: (message) => process.stderr.write(`${message}\n`),
    signal: stopping.signal,
  });
  const { connectionString, dataDirectory } = database;
  tell({ kind: "serving", connectionString, dataDirectory });
  const stop = () => void database.stop().then(() => process.exit(0));
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener("abort", stop, { once: true });
} catch (error) {
  if (process.connected)
    tell({ kind: "failed", message: error instanceof EmbeddedPostgresError ? error.message : String(error) });
  process.exitCode = 1;
}
