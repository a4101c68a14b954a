import { execFile } from "node:child_process";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A disk that can be filled without hurting anybody else. */
export interface SmallDisk {
  readonly path: string;
  /** Fills it to the last block. @returns how many bytes that took */
  fill(): Promise<number>;
  /** Gives all of that back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

const run = promisify(execFile);
const mountMaxMs = 5_000;
/** A database, its log of changes at its largest, and room to grow. */
const sizeMebibytes = 900;
const chunk = Buffer.alloc(1_048_576);
const blockBytes = 4_096;

/**
 * Mounts a small file system in memory.
 *
 * @param path is created
 * @returns why it cannot be done here, when it cannot
 */
export async function mountSmallDisk(path: string): Promise<SmallDisk | string> {
  if (process.platform !== "linux") return "a small disk can be mounted on Linux only";
  await mkdir(path, { mode: 0o755 });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${sizeMebibytes}m,mode=0755`, "holdfast-chaos", path], {
      timeout: mountMaxMs,
    });
  } catch {
    return "mounting a small disk is not permitted here: it takes root, and a container must allow it";
  }
  const ballast = join(path, "ballast");
  return {
    path,
    fill: () => fill(ballast),
    free: () => rm(ballast, { force: true }),
    unmount: async () => {
      // "-l" because a process that is just ending may still look into it.
      await run("umount", ["-l", path], { timeout: mountMaxMs }).catch(() => {});
    },
  };
}

async function fill(path: string): Promise<number> {
  const file = await open(path, "a");
  let bytes = 0;
  try {
    for (const piece of [chunk, chunk.subarray(0, blockBytes)]) bytes += await writeUntilFull(file, piece);
  } finally {
    await file.close();
  }
  return bytes;
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<number> {
  let written = 0;
  for (;;) {
    try {
      const { bytesWritten } = await file.write(piece);
      written += bytesWritten;
      if (bytesWritten < piece.length) return written;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") return written;
      throw error;
    }
  }
}
