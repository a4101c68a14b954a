import { execFile, spawn } from "node:child_process";
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { listProjectFiles, projectFolder, readText } from "../deploy/project-files.ts";
import { type Copy, environmentOf, readCopy, readDockerfile, type Stage } from "./read-dockerfile.ts";
import { readDockerignore } from "./read-dockerignore.ts";

/** The folders at the root of an image that our Dockerfile speaks of. */
const imageFolders = /(?<![\w./-])\/(app|data)\b/g;
const runMaxMs = 300_000;

/** How a machine reaches a registry is its own affair: an engine has settings for it. */
const ofTheNetwork = /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|NO)_PROXY|npm_config_.+)$/i;

/** What a build of the image leads to, in a folder instead of an engine. */
export interface ReplayedImage {
  /** A path of the image as it is on this machine. */
  locate(path: string): string;
  /** The environment that its processes have. */
  readonly environment: Readonly<Record<string, string>>;
  /** Programs that the base image has: its Node. */
  readonly node: string;
  remove(): Promise<void>;
}

/**
 * Does what a build of the Dockerfile does, stage by stage, with the files that a fresh clone would send to it and the
 * project's own Node. Whatever a stage does not copy, it does not have.
 */
export async function replayImage(): Promise<ReplayedImage> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-image-"));
  try {
    // Readable for the user that the image names, who is not the one that builds it.
    await chmod(root, 0o755);
    const node = join(root, "programs/node");
    await mkdir(dirname(node));
    await copyFile(process.execPath, node);
    const stages = readDockerfile(readText("Dockerfile"));
    for (const stage of stages) await replayStage(stage, { root, stages });
    const final = stages.at(-1);
    if (final === undefined) throw new Error("The Dockerfile has no stage.");
    const locate = (path: string) => join(root, "stages", final.name, path);
    return {
      locate,
      environment: environmentIn(join(root, "stages", final.name), final, root),
      node,
      remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
    };
  } catch (error) {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

interface Build {
  readonly root: string;
  readonly stages: readonly Stage[];
}

async function replayStage(stage: Stage, build: Build): Promise<void> {
  const folderOf = (name: string) => join(build.root, "stages", name);
  const here = folderOf(stage.name);
  const base = build.stages.find(({ name }) => name === stage.base);
  if (base === undefined) await mkdir(here, { recursive: true });
  else await cp(folderOf(base.name), here, { recursive: true, verbatimSymlinks: true });
  for (const { name, text } of stage.instructions) {
    const workingFolder = join(here, "app");
    switch (name) {
      case "WORKDIR":
        await mkdir(join(here, text), { recursive: true });
        break;
      case "COPY": {
        const copy = readCopy(text);
        if (copy.fromStage === null) await copyFromProject(copy, workingFolder);
        else await copyFromStage(copy, folderOf(copy.fromStage), workingFolder);
        break;
      }
      case "RUN":
        await run(text, { here, workingFolder, environment: environmentIn(here, stage, build.root) });
        break;
      default:
        // The rest tells the engine how to run the image, not what is in it.
        break;
    }
  }
}

/** The stage's variables, with paths of the image turned into paths of this machine. */
function environmentIn(here: string, stage: Stage, root: string): Record<string, string> {
  const own = Object.entries(environmentOf(stage)).map(([name, value]) => [name, inside(value, here)]);
  const fromMachine = Object.entries(process.env).filter(([name]) => ofTheNetwork.test(name));
  return {
    ...Object.fromEntries(fromMachine),
    HOME: process.env["HOME"] ?? "",
    PATH: `${join(root, "programs")}:${process.env["PATH"] ?? ""}`,
    ...Object.fromEntries(own),
  };
}

const inside = (text: string, here: string) => text.replaceAll(imageFolders, (path) => join(here, path));

/** A folder's content is copied into the target, a file into or onto it: as COPY does. */
async function copyFromProject({ sources, target }: Copy, workingFolder: string): Promise<void> {
  const sent = listProjectFiles().filter(readDockerignore(readText(".dockerignore")));
  for (const source of sources) {
    const files = sent.filter((file) => file === source || file.startsWith(`${source}/`));
    if (files.length === 0) throw new Error(`COPY of ${source}, which is not sent to the build.`);
    for (const file of files) {
      const isFile = file === source;
      const into = isFile && isFolderTarget(target) ? join(target, basename(file)) : target;
      const destination = join(workingFolder, isFile ? into : join(target, file.slice(source.length)));
      await mkdir(dirname(destination), { recursive: true });
      await copyFile(join(projectFolder, file), destination);
    }
  }
}

async function copyFromStage({ sources, target }: Copy, from: string, workingFolder: string): Promise<void> {
  for (const source of sources) {
    const into = isFolderTarget(target) ? join(target, basename(source)) : target;
    await cp(join(from, source), join(workingFolder, into), { recursive: true, verbatimSymlinks: true });
  }
}

const isFolderTarget = (target: string) => target.endsWith("/");

function run(
  text: string,
  options: { here: string; workingFolder: string; environment: Record<string, string> },
): Promise<void> {
  const { here, workingFolder, environment } = options;
  // Only root may give files away; in an engine the build is root.
  const command = process.getuid?.() === 0 ? text : text.replaceAll(/\bchown\b/g, "echo chown");
  return new Promise((resolve, reject) => {
    execFile(
      "/bin/sh",
      ["-c", inside(command, here)],
      { cwd: workingFolder, env: environment, timeout: runMaxMs, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`RUN ${text} failed: ${error.message}\n${stdout}\n${stderr}`));
      },
    );
  });
}

/** Starts a command of the image as the image's user, who may write to /data alone. Without root, as this user. */
export function startInImage(
  image: ReplayedImage,
  command: readonly string[],
  options: { readonly user: string; readonly environment: Readonly<Record<string, string>> },
) {
  const [program = "", ...programArguments] = command;
  const [uid, gid] = options.user.split(":").map(Number);
  const identity = process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? { uid, gid } : {};
  return spawn(program === "node" ? image.node : program, programArguments, {
    cwd: image.locate("/app"),
    env: { ...image.environment, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...identity,
  });
}

/** What lies directly in a folder of the image. */
export async function listImageFolder(image: ReplayedImage, path: string): Promise<string[]> {
  const names = await readdir(image.locate(path));
  return names.sort();
}
