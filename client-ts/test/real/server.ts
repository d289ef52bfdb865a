/** The real Java server, as a process. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";

/** The command for a shell that runs the test server, to which its options are added. `./sente test` sets it. */
export const COMMAND: string | undefined = process.env["SENTE_TEST_SERVER"];

export interface JavaServer {
  readonly port: number;
  /** Asks for something under `/ctl`. */
  control(what: string, params?: Readonly<Record<string, string | number>>): Promise<string>;
  stop(): Promise<void>;
}

export async function startServer(...options: string[]): Promise<JavaServer> {
  const port = await freePort();
  // `exec`, so that it is the server that is stopped, and not its shell.
  const command = `exec ${COMMAND} --port ${port} ${options.join(" ")}`;
  const server = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
  await ready(server);
  return {
    port,
    control: async (what, params = {}) => {
      const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
      const response = await fetch(`http://127.0.0.1:${port}/ctl/${what}?${query}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
      return text;
    },
    stop: () =>
      new Promise((resolve) => {
        server.once("exit", () => resolve());
        server.kill();
      }),
  };
}

async function ready(server: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes("READY")) resolve();
    };
    server.stdout?.on("data", hear);
    server.stderr?.on("data", hear);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
