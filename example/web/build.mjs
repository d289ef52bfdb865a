// Bundles the page into the place where the example's server looks for it.
import { cp, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const www = here("../target/classes/www");

await mkdir(www, { recursive: true });
await build({
  entryPoints: { main: here("src/main.ts") },
  outdir: www,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: "linked",
  logLevel: "warning",
});
for (const file of ["index.html", "style.css", "icon.svg"]) {
  await cp(here(`src/${file}`), `${www}/${file}`);
}
