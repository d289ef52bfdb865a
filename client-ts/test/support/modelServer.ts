/** A small v2 server, to simulate with: PROTOCOL.md's rules and nothing else. JSON only. */

interface ModelSession {
  readonly token: string;
  /** The token of the session that was asked for when this one began, and why that one does not go on. */
  readonly replaced: string | undefined;
  readonly lost: string | null;
  /** Whether the client has shown that it knows of this session. */
  isKnown: boolean;
  /** How many messages the client has acknowledged; those after it are in `kept`. */
  acknowledged: number;
  /** How many messages any connection was given. */
  given: number;
  readonly kept: unknown[];
  received: number;
  overflowed: boolean;
  socket: ServerSocket | undefined;
  poll: ((body: unknown) => void) | undefined;
  lastRequest: number;
  /** What the client was asked and has not answered, by number. */
  readonly asked: Map<number, unknown>;
  lastAsked: number;
}

/** The server's end of a WebSocket. */
export interface ServerSocket {
  send(frame: unknown): void;
  close(code: number): void;
}

export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

/** How many messages wait for a client before the session is lost to overflow (V16). */
const BOUND = 40;

export class ModelServer {
  #sessions = new Map<string, ModelSession>();
  #current: ModelSession | undefined;
  #tokens = 0;
  readonly #trace: (line: string) => void;
  /** The numbers in the events that came, in order. */
  readonly up: number[] = [];
  /** How often each of the client's requests came. */
  readonly requests: Map<number, number> = new Map<number, number>();
  /** How many sessions the server itself has ended. */
  endings = 0;
  /** What the client did that no rule allows. */
  readonly violations: string[] = [];

  constructor(trace: (line: string) => void) {
    this.#trace = trace;
  }

  /** Forgets everything, and closes all connections. */
  restart(): void {
    this.#trace("server: restart");
    this.endings++;
    for (const { socket, poll } of this.#sessions.values()) {
      socket?.close(1006);
      poll?.([["chsk/close", { code: 4000, reason: "going away" }]]);
    }
    this.#sessions = new Map();
    this.#current = undefined;
  }

  push(message: unknown): void {
    const session = this.#current;
    if (!session || session.overflowed) return;
    session.kept.push(message);
    if (session.kept.length > BOUND) {
      this.#trace("server: overflow");
      this.endings++;
      session.overflowed = true;
      session.socket?.close(4001);
      session.poll?.([["chsk/close", { code: 4001, reason: "too slow" }]]);
      session.socket = session.poll = undefined;
    } else {
      this.#flush(session);
    }
  }

  /** Asks the client something. */
  ask(data: unknown): void {
    const session = this.#current;
    if (!session) return;
    session.asked.set(++session.lastAsked, data);
    this.push(["chsk/request", [session.lastAsked, ["ask/me", data]]]);
  }

  #flush(session: ModelSession): void {
    const waiting = session.kept.slice(session.given - session.acknowledged);
    if (waiting.length === 0 || !(session.socket ?? session.poll)) return;
    session.given += waiting.length;
    if (session.socket) {
      session.socket.send([waiting]);
    } else {
      const { poll } = session;
      session.poll = undefined;
      poll?.([waiting]);
    }
  }

  /** Finds or begins a session (V12, V13), and gives the handshake; undefined for a request that is late. */
  #open(
    token: string | undefined,
    received: number,
  ): { session: ModelSession; handshake: unknown } | undefined {
    const found = token === undefined ? undefined : this.#sessions.get(token);
    const isAlive = found !== undefined && !found.overflowed;
    if (isAlive && received < found.acknowledged) return undefined;
    const resumed = isAlive && received <= found.given;
    const newest = this.#current;
    let session: ModelSession;
    if (resumed) {
      session = found;
      session.isKnown = true;
      this.#acknowledge(session, received);
      session.given = received;
    } else if (newest && token !== undefined && newest.replaced === token && !newest.overflowed) {
      if (newest.isKnown) return undefined;
      // The client may not have heard of it.
      session = newest;
      session.given = 0;
    } else {
      session = this.#begin(token, found?.overflowed ? "overflow" : "unknown-session");
    }
    const info = {
      v: 2,
      session: session.token,
      received: session.received,
      resumed,
      lost: resumed ? null : session.lost,
    };
    const limits = { "ping-ms": 5_000, "timeout-ms": 5_000, "max-message-bytes": 500 };
    return { session, handshake: [["chsk/handshake", ["alice", null, null, { ...info, ...limits }]]] };
  }

  #begin(replaced: string | undefined, lost: string): ModelSession {
    if (this.#current) {
      this.#sessions.delete(this.#current.token);
      this.#supersede(this.#current);
    }
    const session = {
      token: `T${++this.#tokens}`,
      replaced,
      lost: replaced === undefined ? null : lost,
      isKnown: false,
      acknowledged: 0,
      given: 0,
      kept: [],
      received: 0,
      overflowed: false,
      socket: undefined,
      poll: undefined,
      lastRequest: 0,
      asked: new Map(),
      lastAsked: 0,
    };
    this.#sessions.set(session.token, session);
    this.#current = session;
    return session;
  }

  #supersede(session: ModelSession): void {
    const { socket, poll } = session;
    session.socket = session.poll = undefined;
    socket?.close(4002);
    poll?.([["chsk/timeout"]]);
  }

  #acknowledge(session: ModelSession, received: number): void {
    session.kept.splice(0, Math.max(0, received - session.acknowledged));
    session.acknowledged = Math.max(session.acknowledged, received);
    session.given = Math.max(session.given, session.acknowledged);
  }

  /** A WebSocket has opened; gives what takes its frames, and its end. */
  connect(
    token: string | undefined,
    received: number,
    socket: ServerSocket,
  ): { receive: (frame: string) => void; gone: () => void } {
    const opened = this.#open(token, received);
    if (!opened) {
      socket.close(4002);
      return { receive: () => undefined, gone: () => undefined };
    }
    const { session, handshake } = opened;
    this.#supersede(session);
    session.socket = socket;
    let position = session.received;
    socket.send(handshake);
    this.#flush(session);
    return {
      receive: (text) => {
        if (session.socket !== socket) return;
        session.isKnown = true;
        const [frame] = JSON.parse(text) as [unknown[]];
        if (frame[0] === "chsk/ack") {
          const n = frame[1] as number;
          if (n > session.given) this.violations.push(`acknowledged ${n} of ${session.given}`);
          this.#acknowledge(session, n);
        } else if (Array.isArray(frame[0])) {
          for (const message of frame) this.#take(session, ++position, message);
          socket.send([["chsk/ack", session.received]]);
        }
      },
      gone: () => {
        if (session.socket === socket) session.socket = undefined;
      },
    };
  }

  /** A poll or a POST; answers now or later. */
  request(
    { token, query, body }: { token: string | undefined; query: URLSearchParams; body: string | undefined },
    answer: (reply: HttpReply) => void,
  ): void {
    const say = (frame: unknown): void => answer({ status: 200, body: JSON.stringify(frame) });
    const known = token === undefined ? undefined : this.#sessions.get(token);
    if (body !== undefined) {
      const first = Number(query.get("first"));
      if (!known || known.overflowed) answer({ status: 410, body: "" });
      else if (first > known.received + 1) answer({ status: 409, body: String(known.received) });
      else {
        known.isKnown = true;
        const [messages] = JSON.parse(body) as [unknown[]];
        // The inbox has room for five (V19).
        messages.slice(0, 5).forEach((message, i) => this.#take(known, first + i, message));
        say([["chsk/ack", known.received]]);
      }
      return;
    }
    const opened = this.#open(token, Number(query.get("received")));
    if (!opened) {
      say([["chsk/timeout"]]);
      return;
    }
    const { session, handshake } = opened;
    this.#supersede(session);
    if (query.has("handshake?") || session !== known) {
      say(handshake);
    } else {
      session.poll = say;
      this.#flush(session);
    }
  }

  /** A WebSocket has been quiet for long enough (V22). */
  ping(): void {
    this.#current?.socket?.send([["chsk/ping"]]);
  }

  /** A held poll has waited for long enough. */
  timeOut(): void {
    const session = this.#current;
    const poll = session?.poll;
    if (session) session.poll = undefined;
    poll?.([["chsk/timeout"]]);
  }

  #take(session: ModelSession, number: number, message: unknown): void {
    if (number <= session.received) return;
    if (number > session.received + 1) this.violations.push(`${number} came after ${session.received}`);
    session.received = number;
    const [id, data] = message as [string, unknown];
    if (id === "real/up") {
      this.up.push(data as number);
    } else if (id === "chsk/request") {
      const [n, [, asked]] = data as [number, [string, number]];
      if (n <= session.lastRequest) this.violations.push(`request ${n} came after ${session.lastRequest}`);
      session.lastRequest = n;
      this.requests.set(asked, (this.requests.get(asked) ?? 0) + 1);
      if (session === this.#current) this.push(["chsk/reply", [n, asked]]);
    } else if (id === "chsk/reply") {
      const [n, answer] = data as [number, unknown];
      if (!session.asked.has(n) || session.asked.get(n) !== answer)
        this.violations.push(`the answer to ${n} was not asked for: ${String(answer)}`);
      session.asked.delete(n);
    }
  }
}
