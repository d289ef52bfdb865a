import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const target = fileURLToPath(new URL("../../../target", import.meta.url));
const java = process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java";

/** A server as it runs for everybody: a process of its own, built by `./sente`. */
export class JavaServer {
  readonly port: number;
  readonly #main: string;
  readonly #options: readonly string[];
  /** What it prints once it listens. */
  readonly #ready: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, main: string, options: readonly string[], ready: string) {
    this.port = port;
    this.#main = main;
    this.#options = options;
    this.#ready = ready;
  }

  static example(): Promise<JavaServer> {
    return JavaServer.#start("ExampleServer", [], "The example is at");
  }

  static testServer(...options: string[]): Promise<JavaServer> {
    return JavaServer.#start("testserver.TestServer", options, "READY");
  }

  static async #start(main: string, options: readonly string[], ready: string): Promise<JavaServer> {
    const server = new JavaServer(await freePort(), `dev.sente.example.${main}`, options, ready);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  /** Starts, or starts again, on the same port. */
  async start(): Promise<void> {
    const classPath = [join(target, "classes"), join(target, "lib", "*")].join(delimiter);
    const started = spawn(
      java,
      [
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        classPath,
        this.#main,
        "--port",
        String(this.port),
        ...this.#options,
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#process = started;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes(this.#ready)) resolve();
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.on("error", reject);
      started.on("exit", (code) => reject(new Error(`the server has ended (${code}):\n${output}`)));
    });
  }

  /** Ends it as Ctrl-C does. */
  stop(): Promise<number | null> {
    return this.#end("SIGINT");
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = this.#process;
    this.#process = undefined;
    if (!ending || ending.exitCode !== null) return ending?.exitCode ?? null;
    const exit = once(ending, "exit");
    ending.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, "localhost");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, "close");
  return port;
}
