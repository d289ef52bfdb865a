// The size of what a browser loads, minified and compressed; fails above the limit.
import { build } from "esbuild";
import { brotliCompressSync } from "node:zlib";

const limits = [
  { name: "sente-client", code: 'export * from "./dist/index.js"', max: 8192 },
  {
    name: "sente-client with classic",
    code: 'export * from "./dist/index.js"; export * from "./dist/classic.js"',
    max: 10240,
  },
  { name: "sente-client/edn on top", code: 'export * from "./dist/edn.js"', max: 4096 },
  { name: "sente-client/gzip on top", code: 'export * from "./dist/gzip.js"', max: 1024 },
  { name: "sente-client/msgpack on top", code: 'export * from "./dist/msgpack.js"', max: 4096 },
  {
    name: "sente-client/transit on top, without transit-js",
    code: 'export * from "./dist/transit.js"',
    max: 4096,
  },
];

let failed = false;
for (const { name, code, max } of limits) {
  const result = await build({
    stdin: { contents: code, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["transit-js"],
  });
  const size = brotliCompressSync(result.outputFiles[0].contents).length;
  console.log(`${name}: ${size} of ${max} bytes (minified, brotli)`);
  failed ||= size > max;
}
if (failed) {
  console.error("too large");
  process.exit(1);
}
