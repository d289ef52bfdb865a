/** The network between a client and the model of a server: it takes its time, cuts, loses and blocks. */
import { FakeSocket, type FakeClock } from "./fakes.js";
import type { ModelServer, ServerSocket } from "./modelServer.js";
import type { Random } from "./random.js";

/** What can go wrong, and how it is carried: each message takes its time, and none overtakes another of its connection. */
export class Network {
  readonly cuts: Set<() => void> = new Set<() => void>();
  isHealed = false;
  blocksWebSockets = false;
  /** Whether what was given up before it arrived never does. Else it may come late, and cost the session that has begun meanwhile (V13). */
  forgetsAborted = false;
  readonly #clock: FakeClock;
  readonly #random: Random;

  constructor(clock: FakeClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Carries things one way, in order; what is under way when it is cut is lost. */
  lane(): { carry: (deliver: () => void) => void; cut: () => void } {
    let last = 0;
    let isCut = false;
    return {
      carry: (deliver) => {
        last = Math.max(last, this.#clock.now() + this.#random.int(1, 40));
        this.#clock.setTimeout(() => {
          if (!isCut) deliver();
        }, last - this.#clock.now());
      },
      cut: () => (isCut = true),
    };
  }

  breaks(): boolean {
    return !this.isHealed && this.#random.chance(0.04);
  }

  refuses(): boolean {
    return !this.isHealed && this.#random.chance(0.15);
  }
}

export function socketClass(
  server: ModelServer,
  network: Network,
  clock: FakeClock,
  log: (line: string) => void,
): new (url: string, protocols: string[], options: { headers: Record<string, string> }) => FakeSocket {
  return class extends FakeSocket {
    readonly #up = network.lane();
    readonly #down = network.lane();
    #peer: { receive: (frame: string) => void; gone: () => void } | undefined;

    constructor(url: string, protocols: string[], options: { headers: Record<string, string> }) {
      super(url, protocols, options);
      const token = protocols.find((name) => name.startsWith("sente.session."))?.slice(14);
      const received = Number(new URL(url).searchParams.get("received"));
      network.cuts.add(this.#cut);
      if (network.blocksWebSockets) {
        clock.setTimeout(this.#cut, 20);
        return;
      }
      const end: ServerSocket = {
        send: (frame) => {
          this.#down.carry(() => {
            if (this.readyState < 2) this.json(frame);
          });
          if (network.breaks()) this.#cut();
        },
        close: (code) => this.#down.carry(() => this.#end(code)),
      };
      this.#up.carry(() => {
        if (network.refuses()) {
          this.#cut();
          return;
        }
        log(`ws: opened, session ${token ?? "none"}, received ${received}`);
        this.#peer = server.connect(token, received, end);
      });
    }

    override send(data: unknown): void {
      super.send(data);
      log(`ws ▶ ${String(data)}`);
      if (network.breaks()) this.#cut();
      this.#up.carry(() => this.#peer?.receive(String(data)));
      if (network.breaks()) this.#cut();
    }

    override receive(data: unknown): void {
      log(`ws ◀ ${String(data)}`);
      super.receive(data);
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      if (network.forgetsAborted && !this.#peer) this.#up.cut();
      this.#up.carry(() => this.#peer?.gone());
      network.cuts.delete(this.#cut);
    }

    /** Nothing passes any more; each side gets to know it after a while. */
    readonly #cut = (): void => {
      if (!network.cuts.delete(this.#cut)) return;
      log("ws: cut");
      this.#up.cut();
      this.#down.cut();
      clock.setTimeout(() => this.#peer?.gone(), 50);
      clock.setTimeout(() => this.#end(1006), 30);
    };

    #end(code: number): void {
      network.cuts.delete(this.#cut);
      if (this.readyState < 2) this.drop(code, code !== 1006);
    }
  };
}

export function fetchOf(
  server: ModelServer,
  network: Network,
  clock: FakeClock,
  log: (line: string) => void,
): typeof fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const url = new URL(input as string);
      const { signal } = init ?? {};
      const body = init?.body as string | undefined;
      const headers = init?.headers as Record<string, string>;
      const name = `${init?.method ?? ""} ${url.search} ${body ?? ""}`;
      const [up, down] = [network.lane(), network.lane()];
      let isOver = false;
      const fail = (): void => {
        if (!isOver) reject(new TypeError("network"));
        isOver = true;
        network.cuts.delete(cut);
      };
      const cut = (): void => {
        log(`http: cut ${name}`);
        up.cut();
        down.cut();
        clock.setTimeout(fail, 30);
      };
      network.cuts.add(cut);
      signal?.addEventListener("abort", () => {
        if (network.forgetsAborted) up.cut();
        fail();
      });
      log(`http ▶ ${name}`);
      up.carry(() => {
        if (network.refuses()) {
          cut();
          return;
        }
        server.request({ token: headers["x-sente-session"], query: url.searchParams, body }, (reply) => {
          // The answer is lost.
          if (network.breaks()) cut();
          down.carry(() => {
            if (isOver) return;
            isOver = true;
            network.cuts.delete(cut);
            log(`http ◀ ${reply.status} ${reply.body}`);
            resolve(new Response(reply.body, { status: reply.status }));
          });
        });
      });
    });
}
