import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const packedBytesMax = 250_000;

/** Tells how much script and style the pages have in all, compressed, and warns when it is more than they may have. */
function reportPackedSize(): Plugin {
  return {
    name: "report-packed-size",
    generateBundle(_options, bundle) {
      const texts = Object.values(bundle).flatMap((file) => {
        if (file.type === "chunk") return [file.code];
        return file.fileName.endsWith(".css") ? [file.source] : [];
      });
      const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      const size = `${(bytes / 1000).toFixed(1)} kB of script and style, gzip, in ${texts.length} files`;
      if (bytes > packedBytesMax)
        this.warn(`${size}: more than the ${packedBytesMax / 1000} kB that it may be.`);
      else process.stdout.write(`\n${size}, of ${packedBytesMax / 1000} kB that it may be.\n`);
    },
  };
}

const iconsImport = /import \{([^}]*)\} from "@tabler\/icons-react";/g;

/** Imports each icon from its own file: the build would read 6,000 of them to find the few that are used. */
function importSingleIcons(): Plugin {
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

export default defineConfig({
  plugins: [react(), importSingleIcons(), reportPackedSize()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The content security policy has no place for fonts or scripts inside of data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  // During development the answers come from a service that runs beside.
  server: { proxy: { "/v1": "http://127.0.0.1:3000" } },
});
