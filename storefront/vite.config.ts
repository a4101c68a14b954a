import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { importSingleIcons, reportPackedSize } from "../scripts/pack-pages.ts";

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
