// Everything that must hold before a change lands. Says one line per step, and a step's output only where it fails.
import { spawnSync } from "node:child_process";

const steps = ["typecheck", "lint", "format:check", "test", "build", "api:check", "exports:check", "size"];

const order = process.argv.length > 2 ? process.argv.slice(2) : steps;

for (const step of order) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", step], { encoding: "utf8" });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`${step}: failed after ${seconds} s\n${stdout}${stderr}`);
    process.exit(1);
  }
  console.log(`${step}: ok, ${seconds} s${step === "size" ? `\n${stdout.trim()}` : ""}`);
}
