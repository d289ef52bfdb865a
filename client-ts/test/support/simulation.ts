/** One run of the client against the model of a server over a network that breaks. */
import { vi } from "vitest";
import { connect, type Chsk } from "../../src/index.js";
import { FakeClock } from "./fakes.js";
import { fetchOf, Network, socketClass } from "./faultyNetwork.js";
import { ModelServer } from "./modelServer.js";
import { randomOf, type Random } from "./random.js";

export interface Outcome {
  readonly problems: string[];
  readonly trace: string[];
}

export async function simulate(type: "ws" | "ajax" | "auto", seed: number): Promise<Outcome> {
  const random = randomOf(seed * 7919 + type.length);
  const clock = new FakeClock();
  const began = clock.now();
  const trace: string[] = [];
  const log = (line: string): void => void trace.push(`${clock.now() - began} ${line}`);
  const server = new ModelServer(log);
  const network = new Network(clock, random);
  const window = new EventTarget();
  network.blocksWebSockets = random.chance(0.5);
  network.forgetsAborted = random.chance(0.5);
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
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
  // Some answers come late.
  chsk.answer("ask/me", (data) =>
    random.chance(0.5)
      ? data
      : new Promise((resolve) => clock.setTimeout(() => resolve(data), random.int(1, 3_000))),
  );

  for (let n = 0; n < 80; n++) {
    act(random, run, server, network, log);
    if (random.chance(0.25)) {
      network.blocksWebSockets = false;
      log("network changed");
      window.dispatchEvent(new Event("online"));
      for (let n = random.int(0, 3); n > 0; n--) {
        run.send();
        await clock.advance(random.int(0, 30));
      }
    }
    await clock.advance(random.pick([0, 5, 30, 200, 2_000, 8_000]));
    if (chsk.state.type === "ajax") server.timeOut();
    else if (random.chance(0.8)) server.ping();
  }
  network.isHealed = true;
  network.blocksWebSockets = false;
  for (let n = 0; n < 60 && !(n > 0 && run.isDone()); n++) {
    // What was pushed to a session that is over by now is lost, but not this.
    run.push();
    server.timeOut();
    server.ping();
    await clock.advance(5_000);
  }
  run.judge(network.forgetsAborted);
  chsk.disconnect();
  vi.unstubAllGlobals();
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
  switch (random.int(0, 14)) {
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
      break;
    case 13:
      if (random.chance(0.2)) for (let i = 0; i < 45; i++) run.push();
      break;
    default:
      run.breakConnection(random.chance(0.5) || network.forgetsAborted);
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
  #lastHeard = 0;
  /** How many losses had been told by then. */
  #lossesThen = 0;
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
      else if (n !== this.#lastHeard + 1 && this.#lastHeard > 0 && this.#losses === this.#lossesThen)
        this.problems.push(`${this.#lastHeard} to ${n} is a gap, and no loss was told between`);
      this.#lastHeard = n;
      this.#lossesThen = this.#losses;
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
    const isAllThere = this.#server.up.at(-1) === this.#sent && this.#lastHeard === this.#pushed;
    return this.#chsk.state.open && areEnded && isAllThere;
  }

  /** @param isExact whether nothing comes late, so that each loss told is a session that the server ended */
  judge(isExact: boolean): void {
    const { problems } = this;
    const { up, requests, violations } = this.#server;
    problems.push(...violations);
    if (!this.#chsk.state.open) problems.push("the client is not open in the end");
    for (let i = 1; i < up.length; i++)
      if ((up[i] ?? 0) <= (up[i - 1] ?? 0)) problems.push(`${up[i]} came up after ${up[i - 1]}`);
    if (isExact && this.#losses > this.#server.endings)
      problems.push(`${this.#losses} losses were told, the server ended ${this.#server.endings} sessions`);
    const missing = this.#sent - up.length;
    if (missing > this.#toldLost) problems.push(`${missing} events are missing, ${this.#toldLost} were told`);
    if (this.#lastHeard !== this.#pushed)
      problems.push(`${this.#pushed} was pushed last, and ${this.#lastHeard} heard`);
    for (const [n, outcomes] of this.#outcomes) {
      const [outcome = "none"] = outcomes;
      if (outcomes.length !== 1 || !["answered", "closed", "refused"].includes(outcome))
        problems.push(`request ${n} ended ${outcomes.length} times: ${outcomes.join()}`);
      if ((requests.get(n) ?? 0) > 1) problems.push(`request ${n} came twice`);
      if (outcome === "closed" && this.#losses === 0) problems.push(`request ${n} was closed without a loss`);
    }
  }
}
