import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

// What the builds of the dashboard and of the storefront have in common.

const packedBytesMax = 250_000;

/** Tells how much script and style pages have in all, compressed, and warns when their script is more than it may be. */
export function reportPackedSize(): Plugin {
  return {
    name: "report-packed-size",
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const scripts = sumCompressed(files.flatMap((file) => (file.type === "chunk" ? [file.code] : [])));
      const styles = sumCompressed(
        files.flatMap((file) =>
          file.type === "asset" && file.fileName.endsWith(".css") ? [file.source] : [],
        ),
      );
      const size = `${inKilobytes(scripts)} of script and ${inKilobytes(styles)} of style, gzip`;
      if (scripts > packedBytesMax)
        this.warn(`${size}: more than the ${inKilobytes(packedBytesMax)} that it may be.`);
      else process.stdout.write(`\n${size}, of ${inKilobytes(packedBytesMax)} that it may be.\n`);
    },
  };
}

function sumCompressed(texts: readonly (string | Uint8Array)[]): number {
  return texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

const iconsImport = /import \{([^}]*)\} from "@tabler\/icons-react";/g;

/** Imports each icon from its own file: the build would read 6,000 of them to find the few that are used. */
export function importSingleIcons(): Plugin {
  return {
    name: "import-single-icons",
    enforce: "pre",
    transform: {
      filter: { id: /\.tsx$/, code: "@tabler/icons-react" },
      handler: (code) =>
        code.replaceAll(iconsImport, (_statement, names: string) =>
          names
            .split(",")
            .map((name) => name.trim())
            .filter((name) => name !== "" && !name.startsWith("type "))
            .map((name) => `import ${name} from "@tabler/icons-react/dist/esm/icons/${name}.mjs";`)
            .join("\n"),
        ),
    },
  };
}
