import { z } from "zod";
import { readYaml } from "../deploy/project-files.ts";

const strings = z.record(z.string(), z.string());
const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  environment: strings.default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default(["default"]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).min(2) }),
  stop_grace_period: z.string().optional(),
  pids_limit: z.int().min(1),
  logging: z.strictObject({ driver: z.string(), options: strings }),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }) }),
});

const composeFile = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() }).nullable()),
  volumes: z.record(z.string(), z.null()),
});

export type Service = z.infer<typeof service>;

/** The compose file with everything that our own rules ask of it. @throws where something of that is missing */
export function readComposeFile(): z.infer<typeof composeFile> {
  return composeFile.parse(readYaml("docker-compose.yml"));
}

/** A mount as `from:to` or `from:to:ro`. A volume's name has no slash. */
export function readMount(text: string): {
  source: string;
  target: string;
  isVolume: boolean;
  isReadOnly: boolean;
} {
  const [source = "", target = "", mode] = text.split(":");
  return { source, target, isVolume: !source.includes("/"), isReadOnly: mode === "ro" };
}

/** The variables that compose puts in, with what stands in when they are not set: "" for `${NAME:-}`. */
export function listVariables(text: string): { name: string; fallback: string | null }[] {
  const found = text.matchAll(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g);
  return [...found].map(([, name = "", fallback]) => ({ name, fallback: fallback ?? null }));
}

/** A text as compose reads it where nothing is set. */
export function withFallbacks(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
}
