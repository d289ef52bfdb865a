import { defineConfig, type ViteUserConfig } from "vitest/config";

// Where ./sente wants a report of the tests, in JUnit's form.
const report = process.env["SENTE_REPORT"];

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 10_000,
    reporters: report ? ["dot", ["junit", { outputFile: report }]] : ["dot"],
  },
});

export default config;
