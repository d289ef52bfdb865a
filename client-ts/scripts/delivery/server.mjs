/** The Java test server: a process of its own, told by HTTP what to do, and asked what it saw. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";

/** Starts the server by a command, to which its port is added. */
export async function startServer([program, ...args]) {
  const port = await freePort();
  const java = spawn(program, [...args, "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    java.stdout.on("data", (chunk) => chunk.includes("READY") && resolve());
    java.once("error", reject);
    java.once("exit", (code) => reject(new Error(`the test server ended with ${code}`)));
  });
  return { ...runningServer(port), stop: () => java.kill() };
}

export function runningServer(port) {
  let next = 0;

  async function ask(what, params) {
    const answer = await fetch(`http://127.0.0.1:${port}/ctl/${what}?${new URLSearchParams(params)}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the test server answered ${what} with ${answer.status}: ${text}`);
    return text;
  }

  return {
    port,
    push: (uid, id, n) => ask("push", { uid: JSON.stringify(uid), ev: `[:${id} ${n}]` }),
    /** The events of this id that its application saw since it was last asked: the client, the number, and when. */
    async seen(id) {
      const events = [];
      const event = new RegExp(`^{:event \\[:${id} (\\d+)\\].*:cid "([^"]*)"`);
      for (const line of (await ask("log", { since: String(next) })).split("\n")) {
        if (!line) continue;
        const [index, at, , edn] = JSON.parse(line);
        if (index > next)
          throw new Error("the test server's log has dropped lines: run fewer clients, or shorter");
        next = index + 1;
        const [, n, clientId] = event.exec(edn) ?? [];
        if (n !== undefined) events.push({ clientId, n: Number(n), at });
      }
      return events;
    },
    stop: () => undefined,
  };
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
