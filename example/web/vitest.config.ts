import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Where `./sente test` wants the results, so as to add them up. */
const report = process.env["SENTE_REPORT"];

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Each file has a server and a browser of its own: one after the other they are quicker on two cores.
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    reporters: report ? ["default", ["junit", { outputFile: report }]] : ["default"],
  },
});

export default config;
