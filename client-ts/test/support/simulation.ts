/** One run of the client against the model of a server over a network that breaks. */
import { connect, type Chsk } from "../../src/index.js";
import { FakeClock, FakeSocket } from "./fakes.js";
import { ModelServer, type ServerSocket } from "./modelServer.js";
import { randomOf, type Random } from "./random.js";

export interface Outcome {
  readonly problems: string[];
  readonly trace: string[];
}

/** What can go wrong, and how it is carried: each message takes its time, and none overtakes another of its connection. */
class Network {
  readonly cuts = new Set<() => void>();
  isHealed = false;
  blocksWebSockets = false;
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

export async function simulate(type: "ws" | "ajax" | "auto", seed: number): Promise<Outcome> {
  const random = randomOf(seed * 7919 + type.length);
  const clock = new FakeClock();
  const began = clock.now();
  const trace: string[] = [];
  const log = (line: string): void => void trace.push(`${clock.now() - began} ${line}`);
  const server = new ModelServer(log);
  const network = new Network(clock, random);
  const chsk = connect("https://example.org/chsk", {
    type,
    clock,
    clientId: "sim",
    random: () => random.next(),
    WebSocket: socketClass(server, network, clock, log),
    fetch: fetchOf(server, network, clock, log),
    maxQueuedMessages: 30,
    pollTimeoutMs: 10_000,
    requestTimeoutMs: 600_000,
    onError: (error, where) => log(`reported ${where}: ${String(error)}`),
  });
  const run = new Run(chsk, server, log);
  chsk.answer("ask/me", (data) => data);

  for (let n = 0; n < 80; n++) {
    act(random, run, server, network, log);
    await clock.advance(random.pick([0, 5, 30, 200, 2_000, 8_000]));
    if (chsk.state.type === "ajax") server.timeOut();
  }
  network.isHealed = true;
  network.blocksWebSockets = false;
  for (let n = 0; n < 60 && !run.isDone(); n++) {
    server.timeOut();
    await clock.advance(5_000);
  }
  run.judge();
  chsk.disconnect();
  await clock.advance(100);
  return { problems: run.problems, trace };
}

function act(
  random: Random,
  run: Run,
  server: ModelServer,
  network: Network,
  log: (line: string) => void,
): void {
  const burst = random.int(1, 6);
  switch (random.int(0, 13)) {
    case 0:
    case 1:
    case 2:
    case 3:
      for (let i = 0; i < burst; i++) run.send();
      break;
    case 4:
    case 5:
      run.request();
      break;
    case 6:
    case 7:
    case 8:
      for (let i = 0; i < burst; i++) run.push();
      break;
    case 9:
      server.ask(random.int(0, 1000));
      break;
    case 10:
      if (network.cuts.size > 0) random.pick([...network.cuts])();
      break;
    case 11:
      network.blocksWebSockets = !network.blocksWebSockets;
      log(`WebSockets ${network.blocksWebSockets ? "blocked" : "let through"}`);
      break;
    case 12:
      if (random.chance(0.2)) server.restart();
      else if (random.chance(0.2)) for (let i = 0; i < 45; i++) run.push();
      break;
    default:
      run.breakConnection(random.chance(0.5));
  }
}

/** What the application does and sees. */
class Run {
  readonly problems: string[] = [];
  readonly #chsk: Chsk;
  readonly #server: ModelServer;
  readonly #log: (line: string) => void;
  #sent = 0;
  #pushed = 0;
  #asked = 0;
  /** The last numbers heard and the events sent in each session, and how many were told as lost. */
  #lastHeard = 0;
  readonly #outcomes = new Map<number, string[]>();
  /** Events told as lost that had been sent. */
  #toldLost = 0;
  #losses = 0;

  constructor(chsk: Chsk, server: ModelServer, log: (line: string) => void) {
    this.#chsk = chsk;
    this.#server = server;
    this.#log = log;
    chsk.on("real/down", (data) => {
      const n = data as number;
      if (n <= this.#lastHeard) this.problems.push(`${n} was heard after ${this.#lastHeard}`);
      else if (n !== this.#lastHeard + 1) this.#gaps.push([this.#losses, this.#lastHeard, n]);
      this.#lastHeard = n;
    });
    chsk.onState((state, previous) => {
      log(
        `client: ${state.type} ${state.open ? "open" : "closed"} ${JSON.stringify(state.lastClose?.reason)}`,
      );
      if (state.lost && state.lost !== previous.lost) {
        log(`client: lost ${JSON.stringify(state.lost)}`);
        this.#losses++;
        this.#toldLost += state.lost.sent.filter((id) => id === "real/up").length;
      }
      if (state.lastClose?.reason === "protocol" || state.lastClose?.reason === "refused")
        this.problems.push(`the client stays away: ${JSON.stringify(state.lastClose)}`);
    });
  }

  /** Where numbers are missing in what was heard, and how many losses had been told by then. */
  readonly #gaps: [losses: number, before: number, after: number][] = [];

  send(): void {
    const n = this.#sent + 1;
    const isTaken = this.#chsk.send("real/up", n);
    this.#log(`client: send ${n}${isTaken ? "" : " refused"}`);
    if (isTaken) this.#sent = n;
  }

  request(): void {
    const n = ++this.#asked;
    const outcomes: string[] = [];
    this.#outcomes.set(n, outcomes);
    this.#log(`client: request ${n}`);
    this.#chsk.request("test/echo", n).then(
      (answer) => outcomes.push(answer === n ? "answered" : `answered with ${String(answer)}`),
      (error: unknown) => outcomes.push((error as { kind: string }).kind),
    );
  }

  push(): void {
    this.#log(`server: push ${this.#pushed + 1}`);
    this.#server.push(["real/down", ++this.#pushed]);
  }

  breakConnection(close: boolean): void {
    this.#log("client: break");
    this.#chsk.breakConnection({ close });
  }

  isDone(): boolean {
    const areEnded = [...this.#outcomes.values()].every((outcomes) => outcomes.length > 0);
    return this.#chsk.state.open && areEnded && this.#server.up.at(-1) === this.#sent;
  }

  judge(): void {
    const { problems } = this;
    const { up, requests, violations } = this.#server;
    problems.push(...violations);
    if (!this.#chsk.state.open) problems.push("the client is not open in the end");
    for (let i = 1; i < up.length; i++)
      if ((up[i] ?? 0) <= (up[i - 1] ?? 0)) problems.push(`${up[i]} came up after ${up[i - 1]}`);
    const missing = this.#sent - up.length;
    if (missing > this.#toldLost) problems.push(`${missing} events are missing, ${this.#toldLost} were told`);
    for (const [losses, before, after] of this.#gaps)
      if (losses === 0 && before > 0) problems.push(`${before} to ${after} is a gap, and no loss was told`);
    for (const [n, outcomes] of this.#outcomes) {
      const [outcome = "none"] = outcomes;
      if (outcomes.length !== 1 || !["answered", "closed", "refused"].includes(outcome))
        problems.push(`request ${n} ended ${outcomes.length} times: ${outcomes.join()}`);
      if ((requests.get(n) ?? 0) > 1) problems.push(`request ${n} came twice`);
      if (outcome === "closed" && this.#losses === 0) problems.push(`request ${n} was closed without a loss`);
    }
  }
}

function socketClass(
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

function fetchOf(
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
      signal?.addEventListener("abort", fail);
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
