// Keeps api.txt, the public API as text, so that a change of it shows in review.
//   node scripts/api.mjs write | check
import { readFileSync, writeFileSync } from "node:fs";

const text = ["index", "classic", "edn", "gzip", "msgpack", "transit"]
  .map((name) => `// ${name}\n\n${readFileSync(`dist/${name}.d.ts`, "utf8").trim()}\n`)
  .join("\n");

if (process.argv[2] === "write") {
  writeFileSync("api.txt", text);
} else if (readFileSync("api.txt", "utf8") !== text) {
  console.error("api.txt is not current: run `npm run api:write` and commit it");
  process.exit(1);
}
