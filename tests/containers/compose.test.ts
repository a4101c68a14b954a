import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readConfiguration } from "../../api/kernel/configuration.ts";
import { settings } from "../../api/kernel/settings.ts";
import { exists, listProjectFiles, readText, readYaml } from "../deploy/project-files.ts";
import { listVariables, readComposeFile, readMount, type Service, withFallbacks } from "./compose-file.ts";
import { checkAgainstSchema } from "./compose-schema.ts";
import { environmentOf, readDockerfile, textsOf } from "./read-dockerfile.ts";

const { services, networks, volumes } = readComposeFile();
const replicasPath = "deploy/docker-compose.replicas.yml";
const image = readDockerfile(readText("Dockerfile")).at(-1);
if (image === undefined) throw new Error("The Dockerfile has no stage.");
const imageFiles = textsOf(image, "COPY").join(" ");
const ownImage = "holdfast:0.1.0";

function serviceOf(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`There is no service ${name}.`);
  return found;
}

const environmentIn = ({ environment }: Service) =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, withFallbacks(value)]));

test.each(["docker-compose.yml", replicasPath])("%s fits the specification", (path) => {
  expect(checkAgainstSchema(readYaml(path))).toEqual([]);
});

test("the schema would find a mistake", () => {
  const file = {
    name: "a",
    services: { one: { image: "a", restrat: "always", healthcheck: { interval: "soon" } } },
  };
  expect(checkAgainstSchema(file)).toEqual([
    expect.stringMatching(/one must NOT have additional properties.*restrat/),
    expect.stringMatching(/interval must match format "duration"/),
  ]);
});

describe.each(Object.entries(services))("the service %s", (name, service) => {
  test("comes back after a crash, and says when it is well", () => {
    expect(service.restart).toBe("always");
    expect(service.healthcheck.test[0]).toBe("CMD");
  });

  test("has no more rights than it needs, and writes to its volumes alone", () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    expect(service.cap_add.length > 0).toBe(name === "postgres");
    expect(service["privileged"]).toBeUndefined();
  });

  test("cannot eat up the machine: memory, processes and logs have limits", () => {
    expect(withFallbacks(service.deploy.resources.limits.memory)).toMatch(/^\d+[mg]$/);
    expect(service.logging.options["max-size"]).toMatch(/^\d+m$/);
  });

  test("runs an image that cannot change under its name", () => {
    expect(
      service.image === ownImage || /^[\w./-]+:v?\d+(?:\.\d+)+@sha256:[0-9a-f]{64}$/.test(service.image),
    ).toBe(true);
    const isMadeByAnother = service.image === ownImage && service.build === undefined;
    expect(service["pull_policy"]).toBe(isMadeByAnother ? "never" : undefined);
  });

  test("is published on this machine's loopback address only, unless told otherwise", () => {
    const isLoopback = (port: string) => /^127\.0\.0\.1:\d+:\d+$/.test(withFallbacks(port));
    const isSteered = (port: string) => /^(?:127\.0\.0\.1|\$\{HOLDFAST_BIND:-127\.0\.0\.1\}):/.test(port);
    expect(service.ports.filter((port) => !isLoopback(port) || !isSteered(port))).toEqual([]);
  });

  test("starts after what it needs is well", () => {
    const needed = Object.entries(service.depends_on);
    expect(needed.filter(([, { condition }]) => condition !== "service_healthy")).toEqual([]);
    const profiles = needed.flatMap(([other]) => serviceOf(other).profiles);
    expect(profiles.filter((profile) => !service.profiles.includes(profile))).toEqual([]);
  });

  test("mounts only what is there", () => {
    const tracked = listProjectFiles();
    const isTracked = (path: string) => tracked.some((file) => file === path || file.startsWith(`${path}/`));
    const wrong = service.volumes.map(readMount).filter(({ source, isVolume, isReadOnly }) => {
      if (isVolume) return !(source in volumes);
      return !isReadOnly || !isTracked(source.replace(/^\.\//, ""));
    });
    expect(wrong).toEqual([]);
    expect(service.networks.filter((network) => !(network in networks))).toEqual([]);
  });
});

test("every volume is used", () => {
  const mounts = Object.values(services).flatMap((service) => service.volumes.map(readMount));
  const used = new Set(mounts.map(({ source }) => source));
  expect(Object.keys(volumes).filter((volume) => !used.has(volume))).toEqual([]);
});

test("the image has the version of the project, and one service alone builds it", () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readText("package.json")));
  expect(ownImage).toBe(`holdfast:${version}`);
  const ours = Object.entries(services).filter(([, service]) => service.image === ownImage);
  expect(ours.map(([name]) => name)).toEqual(["holdfast", "holdfast-jobs", "observer-key"]);
  expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(["holdfast"]);
});

describe.each(["holdfast", "holdfast-jobs"])("the settings of %s", (name) => {
  const service = serviceOf(name);
  const environment = { ...environmentOf(image), ...environmentIn(service) };

  test("are settings that the service knows, and values that it takes", () => {
    expect(Object.keys(service.environment).filter((key) => !(key in settings))).toEqual([]);
    const configuration = readConfiguration(environment, []);
    expect(configuration).toMatchObject({
      host: "0.0.0.0",
      port: 3000,
      dataDir: "/data",
      adminKey: null,
      role: name === "holdfast" ? "all" : "jobs",
      demo: false,
    });
    expect(configuration.databaseUrl).toBe("postgres://holdfast:holdfast@postgres:5432/holdfast");
  });

  test("lead to the ports that are published", () => {
    const { port, opsPort } = readConfiguration(environment, []);
    const inside = service.ports.map((each) => Number(each.split(":").at(-1)));
    expect(inside).toEqual(name === "holdfast" ? [port, opsPort] : [opsPort]);
  });

  test("give it longer to stop than it takes", () => {
    expect(Number.parseInt(service.stop_grace_period ?? "", 10)).toBeGreaterThan(10);
    expect(service["init"]).toBe(true);
  });

  test("let its volume lie where it keeps its data", () => {
    expect(service.volumes.map(readMount)).toEqual([
      { source: "holdfast-data", target: environment["DATA_DIR"], isVolume: true, isReadOnly: false },
    ]);
  });
});

test("every setting that matters in a container can be given to it", () => {
  const fixed = ["HOST", "PORT", "OPS_PORT", "DATA_DIR"];
  const given = Object.keys(serviceOf("holdfast").environment);
  expect([...given, ...fixed].toSorted()).toEqual(Object.keys(settings).toSorted());
});

test("two supervisors share the data directory only under different operations ports", () => {
  const jobs = serviceOf("holdfast-jobs").environment["OPS_PORT"];
  expect(jobs).not.toBe(environmentOf(image)["OPS_PORT"]);
  const replicas = z.object({
    services: z.object({ holdfast: z.object({ environment: z.record(z.string(), z.string()) }) }),
  });
  const { environment } = replicas.parse(readYaml(replicasPath)).services.holdfast;
  const tmpfs = z.array(z.string()).parse(serviceOf("holdfast")["tmpfs"]);
  expect(environment["DATA_DIR"]?.startsWith(`${tmpfs[0]?.split(":")[0]}/`)).toBe(true);
  expect(environment["HOLDFAST_ADMIN_KEY"]).toMatch(/^\$\{HOLDFAST_ADMIN_KEY:\?/);
});

test("nothing has to be set for a start from nothing", () => {
  expect(listVariables(readText("docker-compose.yml")).filter(({ fallback }) => fallback === null)).toEqual(
    [],
  );
});

test("every variable is explained to the operator", () => {
  const explained = readText("docs/operations.md");
  const names = listVariables(readText("docker-compose.yml")).map(({ name }) => name);
  expect([...new Set(names)].filter((name) => !explained.includes(`\`${name}\``))).toEqual([]);
});

test("every script that is run in the image is in it", () => {
  const ours = Object.values(services).filter((service) => service.image === ownImage);
  const commands = ours.flatMap(({ command = [], healthcheck }) => [command, healthcheck.test.slice(1)]);
  const scripts = commands.filter(([program]) => program === "node").map(([, script = ""]) => script);
  expect(new Set(scripts).size).toBe(2);
  for (const script of scripts) {
    expect(exists(script)).toBe(true);
    expect(imageFiles).toContain(script);
  }
});

describe("the database", () => {
  const postgres = serviceOf("postgres");

  test("can be reached by its neighbours alone", () => {
    expect(postgres.ports).toEqual([]);
    expect(postgres.networks).toEqual(["database"]);
    expect(networks["database"]?.internal).toBe(true);
  });

  test("keeps its data where version 18 of the image keeps it", () => {
    expect(postgres.image).toMatch(/^postgres:18\./);
    expect(postgres.volumes).toContain("postgres-data:/var/lib/postgresql");
  });

  test("makes the role that the service logs in as, with the same password", () => {
    const mounts = postgres.volumes.map(readMount);
    const script = mounts.find(({ target }) => target.startsWith("/docker-entrypoint-initdb.d/"));
    const statements = mounts.find(({ target }) => target.endsWith(".sql"));
    const text = readText(script?.source ?? "");
    expect(text).toContain(statements?.target);
    for (const [, variable = ""] of text.matchAll(/\$(\w+)/g))
      expect(postgres.environment).toHaveProperty(variable);
    const url = new URL(withFallbacks(serviceOf("holdfast").environment["DATABASE_URL"] ?? ""));
    expect(url.password).toBe(withFallbacks(postgres.environment["DATABASE_PASSWORD"] ?? ""));
    const sql = readText(statements?.source ?? "");
    expect(sql).toContain(`create role ${url.username} `);
    expect(sql).toContain(`create database ${url.pathname.slice(1)} owner ${url.username}`);
    expect(postgres.healthcheck.test).toContain(`--dbname=${url.pathname.slice(1)}`);
  });
});

describe("the monitoring", () => {
  const keeper = serviceOf("observer-key");
  const prometheus = serviceOf("prometheus");
  const grafana = serviceOf("grafana");
  const scrape = z.object({
    rule_files: z.array(z.string()),
    scrape_configs: z.tuple([
      z.object({
        job_name: z.literal("holdfast"),
        authorization: z.strictObject({ credentials_file: z.string() }),
        dns_sd_configs: z.array(z.looseObject({ names: z.array(z.string()), port: z.int() })),
      }),
    ]),
  });
  const configured = scrape.parse(readYaml("deploy/prometheus/prometheus.yml"));
  const [job] = configured.scrape_configs;

  test("is given what its key keeper reads, and nothing else", () => {
    const script = readText(keeper.command?.[1] ?? "");
    const read = new Set([...script.matchAll(/process\.env\["(\w+)"\]/g)].map(([, name = ""]) => name));
    expect(Object.keys(keeper.environment).toSorted()).toEqual([...read].toSorted());
    expect(keeper.healthcheck.test).toContain(keeper.environment["OBSERVER_KEY_FILE"]);
    const from = keeper.volumes.map(readMount);
    expect(from.find(({ source }) => source === "holdfast-data")?.target).toBe("/holdfast");
    expect(keeper.environment["ADMIN_KEY_FILE"]).toBe("/holdfast/admin-key");
    for (const name of ["API_URL", "OPERATIONS_URL"])
      expect(services).toHaveProperty(new URL(keeper.environment[name] ?? "").hostname);
  });

  test("hands the key from the one who makes it to the one who uses it", () => {
    const volumeOf = (service: Service, file: string) => {
      const mount = service.volumes.map(readMount).find(({ target }) => file.startsWith(`${target}/`));
      return `${mount?.source}:${file.slice(mount?.target.length)}`;
    };
    const made = volumeOf(keeper, keeper.environment["OBSERVER_KEY_FILE"] ?? "");
    expect(made).toBe("observer-key:/observer-key");
    expect(volumeOf(prometheus, job.authorization.credentials_file)).toBe(made);
  });

  test("reads every supervisor, and rules that are there", () => {
    const targets = job.dns_sd_configs.map(({ names, port }) => `${names.join()}:${port}`);
    const ports = ["holdfast", "holdfast-jobs"].map(
      (name) => `${name}:${serviceOf(name).ports.at(-1)?.split(":").at(-1)}`,
    );
    expect(targets).toEqual(ports);
    for (const file of configured.rule_files) expect(exists(`deploy/prometheus/${file}`)).toBe(true);
  });

  test("shows the board, on the data source that is provisioned", () => {
    const provider = z.object({
      providers: z.tuple([z.looseObject({ options: z.object({ path: z.string() }) })]),
    });
    const source = z.object({
      datasources: z.tuple([z.looseObject({ url: z.string(), type: z.literal("prometheus") })]),
    });
    const folder = "deploy/grafana/provisioning";
    const { options } = provider.parse(readYaml(`${folder}/dashboards/boards.yml`)).providers[0];
    const mounts = grafana.volumes.map(readMount);
    expect(mounts.find(({ target }) => target === options.path)?.source).toBe("./deploy/grafana/boards");
    const home = grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] ?? "";
    expect(exists(home.replace(options.path, "deploy/grafana/boards"))).toBe(true);
    const { url } = source.parse(readYaml(`${folder}/datasources/prometheus.yml`)).datasources[0];
    expect(services).toHaveProperty(new URL(url).hostname);
  });

  test("lets nobody change anything, since it asks nobody who they are", () => {
    expect(grafana.environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
    });
  });
});
