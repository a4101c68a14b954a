import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { importSingleIcons, reportPackedSize } from "../scripts/pack-pages.ts";

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

/** Small parts that several pages use: packed together they take less room than each in a file of its own. */
const sharedParts = {
  name: "shared",
  test: /dashboard\/shared\/(?!charts)|@tabler\/icons-react|query-core|react-query/,
  minShareCount: 2,
};

export default defineConfig({
  plugins: [react(), importSingleIcons(), packUsedScales(), reportPackedSize()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The content security policy has no place for fonts or scripts inside of data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    rolldownOptions: { output: { codeSplitting: { groups: [sharedParts] } } },
  },
  // During development the figures come from a service that runs beside.
  server: { proxy: { "/ops": "http://127.0.0.1:3001" } },
});
