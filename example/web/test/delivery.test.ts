import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { JavaServer } from "./support/javaServer.ts";

const script = fileURLToPath(new URL("../../../client-ts/scripts/delivery/main.mjs", import.meta.url));

test("./sente delivery, for a short while: everything arrives, once and in order", async () => {
  const server = await JavaServer.testServer();
  try {
    const options = ["--port", String(server.port), "--seconds", "3", "--clients", "4", "--seed", "7"];
    // Fails where the command does, which then says why.
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...options]);
    const rows = stdout.split("\n").filter((row) => row.includes("100 %"));
    expect(rows, stdout).toHaveLength(6);
  } finally {
    await server.stop();
  }
});
