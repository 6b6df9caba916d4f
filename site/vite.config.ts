import { defineConfig } from "vitest/config";
import { packed } from "./packed.ts";

export default defineConfig({
  plugins: [packed("dist")],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1100,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        minify: { compress: true, mangle: { keepNames: { class: true, function: false } } },
        codeSplitting: {
          groups: [
            { name: "log", test: /site\/src\/(tlog\/(?!ed25519Library)|ledger\/(log|watch))|node_modules\/@noble\/hashes/ },
            {
              name: "common",
              test: /site\/src\/(?!pages|styles|i18n|ledger|tlog|sign|charts|live|mandate|map|work)/,
            },
          ],
        },
      },
    },
  },
  server: { host: "127.0.0.1", proxy: { "^/(api|log|plates|data|feeds)/": process.env.PASSERBY_URL ?? "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 120_000 },
});
