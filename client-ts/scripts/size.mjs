// The size of what a browser loads, minified and compressed; fails above the limit.
// Measured with Rolldown, which is what Vite bundles and minifies with.
import { rolldown } from "rolldown";
import { brotliCompressSync } from "node:zlib";

const limits = [
  { name: "sente-client", code: 'export * from "./dist/index.js"', max: 7264 },
  {
    name: "sente-client with classic",
    code: 'export * from "./dist/index.js"; export * from "./dist/classic.js"',
    max: 9408,
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

/** A module that does not exist as a file. */
const entry = (code) => ({
  name: "entry",
  resolveId: (id) => (id === "entry" ? `${process.cwd()}/entry.js` : null),
  load: (id) => (id === `${process.cwd()}/entry.js` ? code : null),
});

let failed = false;
for (const { name, code, max } of limits) {
  const bundle = await rolldown({
    input: "entry",
    plugins: [entry(code)],
    platform: "browser",
    external: ["transit-js"],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const size = brotliCompressSync(output[0].code).length;
  console.log(`${name}: ${size} of ${max} bytes (minified, brotli)`);
  failed ||= size > max;
}
if (failed) {
  console.error("too large");
  process.exit(1);
}
