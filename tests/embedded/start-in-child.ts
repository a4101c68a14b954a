// Started by the tests as a process of its own, so that it can be killed: prints one JSON line when it serves.
import { startEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";

const [dataDir = ""] = process.argv.slice(2);
try {
  const database = await startEmbeddedPostgres({
    dataDir,
    log: (message) => process.stderr.write(`${message}\n`),
  });
  process.on("SIGTERM", () => void database.stop().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ ...database, stop: undefined })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ refusal: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exitCode = 1;
}
