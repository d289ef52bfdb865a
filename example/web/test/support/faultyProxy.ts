import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** Stands between browser and server, and is the bad network of a test. */
export class FaultyProxy {
  readonly #target: number;
  readonly #server = createServer((incoming, answer) => this.#pass(incoming, answer));
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** Whether requests for a WebSocket are refused, as some firewalls do. */
  refusesWebSockets = false;
  /** How many were refused. */
  refused = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server.on("connection", (socket) => this.#keep(socket));
    this.#server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(incoming, socket, head),
    );
  }

  static async before(target: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    proxy.#server.listen(0, "localhost");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Ends all connections without a word, and every new one. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = incoming;
    const passed = request(
      { host: "localhost", port: this.#target, method, path: url, headers, agent: false },
      (received) => {
        answer.writeHead(received.statusCode ?? 502, received.headers);
        received.pipe(answer);
        received.on("error", () => answer.destroy());
      },
    );
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    incoming.pipe(passed);
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.refusesWebSockets) {
      this.refused++;
      socket.end("HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const upstream = connect(this.#target, "localhost", () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
      }
      upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    this.#keep(upstream);
    upstream.on("close", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
  }
}
