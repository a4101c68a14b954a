import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const scriptBytesMax = 250_000;

/** Tells how much script the pages have in all, compressed, and warns when it is more than they may have. */
function reportScriptSize(): Plugin {
  return {
    name: "report-script-size",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const bytes = chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
      const size = `${(bytes / 1000).toFixed(1)} kB of script, gzip, in ${chunks.length} files`;
      if (bytes > scriptBytesMax)
        this.warn(`${size}: more than the ${scriptBytesMax / 1000} kB that it may be.`);
      else process.stdout.write(`\n${size}, of ${scriptBytesMax / 1000} kB that it may be.\n`);
    },
  };
}

const allScales = "victory-vendor/d3-scale";
const usedScales = "\0used-scales";

/** Recharts looks its scales up by name, so all of them would be packed; our charts have linear axes only. */
function packUsedScales(): Plugin {
  return {
    name: "pack-used-scales",
    enforce: "pre",
    resolveId: (id, importer) => (id === allScales && importer !== usedScales ? usedScales : null),
    load: (id) =>
      id === usedScales ? `export { scaleBand, scaleLinear, scalePoint } from "${allScales}";` : null,
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
  plugins: [react(), importSingleIcons(), packUsedScales(), reportScriptSize()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The content security policy has no place for fonts or scripts inside of data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  // During development the figures come from a service that runs beside.
  server: { proxy: { "/ops": "http://127.0.0.1:3001" } },
});
