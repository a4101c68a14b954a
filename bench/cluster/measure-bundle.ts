import { readdir, readFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const distFolder = resolve(import.meta.dirname, "../../dashboard/dist");
const bytesPerKb = 1000;

/** @returns the size of the built dashboard's scripts and of its styles, each file compressed by gzip, in kB */
export async function measureBundle(): Promise<number[]> {
  const files = await readdir(distFolder, { recursive: true });
  const sizeOf = async (extension: string) => {
    let bytes = 0;
    for (const file of files) {
      if (extname(file) === extension) bytes += gzipSync(await readFile(join(distFolder, file))).length;
    }
    return bytes / bytesPerKb;
  };
  return [await sizeOf(".js"), await sizeOf(".css")];
}
