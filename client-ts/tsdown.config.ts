import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: {
    index: "src/index.ts",
    classic: "src/classic/index.ts",
    edn: "src/packer/edn/index.ts",
    gzip: "src/packer/gzip/index.ts",
    msgpack: "src/packer/msgpack/index.ts",
    transit: "src/packer/transit/index.ts",
  },
  format: "esm",
  platform: "neutral",
  target: "es2022",
  dts: true,
  sourcemap: false,
  fixedExtension: false,
  clean: true,
});

export default config;
