/** What differs from one service to the next. */
export interface ServicePlace {
  readonly port: number;
  readonly opsPort: number;
  readonly dataDir: string;
  readonly adminKey: string;
  /** Null lets it keep a server of its own. */
  readonly databaseUrl: string | null;
  /** Under which it is the test build. */
  readonly points: Readonly<Record<string, string>>;
}

/** Variables of the system that programs need; nothing else of this process's reaches the service. */
const inherited = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SYSTEMROOT"];

/** All of the environment that a service is started with. */
export function serviceEnvironment(place: ServicePlace): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return {
    ...environment,
    HOST: "127.0.0.1",
    PORT: String(place.port),
    OPS_PORT: String(place.opsPort),
    DATA_DIR: place.dataDir,
    HOLDFAST_ADMIN_KEY: place.adminKey,
    DEMO: "1",
    WORKERS_MIN: "2",
    WORKERS_MAX: "2",
    LOG_LEVEL: "warn",
    // A payment that comes too late is settled within the time in which a run wants every answer.
    PAYMENT_GRACE_SECONDS: "3",
    ...(place.databaseUrl !== null && { DATABASE_URL: place.databaseUrl }),
    // As under npm: the service stops when the process that started it is gone, however that ended.
    npm_lifecycle_event: "start",
    ...place.points,
  };
}
