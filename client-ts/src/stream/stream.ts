import type { Conversation, Host, Link, Settle, Transport, Unavailable } from "../conversation.js";
import type { Packed, Packer } from "../packer/packer.js";
import { Requests } from "../requests.js";
import type { Lost, TransportType } from "../state.js";
import { eventOf, keyword, sizeOf } from "../values.js";
import { Inbound } from "./inbound.js";
import { openLongPolling } from "./longPolling.js";
import { Outbound } from "./outbound.js";
import { openWebSocket } from "./webSocket.js";
import { broken, count, field, readFrame, readMessage } from "./wire.js";

/** A message on its way to the server. */
export interface Message {
  readonly value: unknown;
  /** The message as a frame of its own. */
  readonly packed: Packed;
  readonly bytes: number;
  /** The event's id; undefined for answers to the server's requests. */
  readonly id: string | undefined;
  /** The number of a request. */
  readonly n: number | undefined;
}

const INFO = ["session", "received", "resumed", "lost", "max-message-bytes", "ping-ms", "timeout-ms"];

/** A connection as the stream sees it. */
export interface Carrier {
  readonly link: Link;
  /** The number of the last message that came here (V6). */
  position: number;
  /** Whether the server has shaken hands. */
  open: boolean;
  /** Set when nothing more is to come. */
  ended: boolean;
  /** After how long without a word a WebSocket is dead (V22), in ms; 0 for never. */
  silenceMs: number;
}

/**
 * What is said in v2: one ordered, resumable stream in each direction, over whichever connection there is. Only this
 * knows the session; transports know the numbers that their connection begins at.
 */
export class Stream implements Conversation {
  readonly resumes = true;
  readonly host: Host;
  outbound: Outbound<Message> = this.#fresh();
  inbound: Inbound = new Inbound();
  /** The session to go on with; undefined while there is none. */
  token: string | undefined;
  /** How large a message the server takes. */
  maxMessageBytes: number;
  /** Whether a WebSocket is being opened. Until that is settled no poll may begin, which would take over from it (V15). */
  isOpening = false;
  /** Called when it is settled. */
  whenSettled: () => void = () => undefined;
  readonly #packer: Packer;
  readonly #requests: Requests<number>;
  #lastRequest = 0;
  /** The highest number of a request of the server in this session. */
  #asked = 0;
  /** Why the session was given up by this side. */
  #forgotten: string | undefined;

  constructor(host: Host) {
    const { clock, maxMessageBytes, packer } = host.settings;
    this.host = host;
    this.maxMessageBytes = maxMessageBytes;
    this.#packer = packer;
    this.#requests = new Requests(clock);
  }

  #fresh(): Outbound<Message> {
    return new Outbound((message) => message.bytes);
  }

  send(id: string, data: unknown, unavailable: Unavailable | undefined): boolean {
    return this.#offer(this.#message(eventOf(this.#packer, id, data), id), unavailable);
  }

  request(
    id: string,
    data: unknown,
    timeoutMs: number,
    unavailable: Unavailable | undefined,
    settle: Settle,
  ): void {
    const n = this.#lastRequest + 1;
    const event = eventOf(this.#packer, id, data);
    const message = this.#message([keyword(this.#packer, "chsk/request"), [n, event]], id, n);
    this.#lastRequest = n;
    this.#requests.add(n, timeoutMs, settle, () => this.outbound.withdraw(message));
    if (!this.#offer(message, unavailable))
      this.#requests.fail(n, unavailable ?? "refused", "no connection, no room, or too large");
  }

  #message(value: unknown, id?: string, n?: number): Message {
    const packed = this.#packer.pack([[value]]);
    return { value, packed, bytes: sizeOf(packed), id, n };
  }

  #offer(message: Message, unavailable: Unavailable | undefined): boolean {
    const { maxQueuedBytes, maxQueuedMessages } = this.host.settings;
    return (
      !unavailable &&
      message.bytes <= this.maxMessageBytes &&
      this.outbound.append(message, maxQueuedMessages, maxQueuedBytes) > 0
    );
  }

  /** Messages as one frame. */
  pack(messages: readonly Message[]): Packed {
    const [first, second] = messages;
    return first && !second ? first.packed : this.#packer.pack([messages.map(({ value }) => value)]);
  }

  open(type: TransportType, link: Link): Transport {
    const { WebSocket } = this.host.settings;
    const carrier = { link, position: this.inbound.tell(), open: false, ended: false, silenceMs: 0 };
    return type === "ws" && WebSocket
      ? openWebSocket(this, carrier, WebSocket)
      : openLongPolling(this, carrier);
  }

  /**
   * Takes a frame.
   *
   * @returns its name
   * @throws ProtocolError if it breaks a rule, and other errors if it is none at all
   */
  receive(packed: unknown, carrier: Carrier): string | undefined {
    const [name, told] = readFrame(this.#packer, packed, this.host.settings.maxMessageBytes);
    if (!carrier.open && name !== "handshake" && name !== "close") broken("not a handshake");
    switch (name) {
      case "batch":
        for (const message of told as unknown[]) {
          if (carrier.ended) break;
          if (this.inbound.accept(++carrier.position)) this.#deliver(message);
        }
        break;
      case "handshake":
        this.#begin(told, carrier);
        break;
      case "ack":
        if (!this.outbound.acknowledge(count(told))) broken("acknowledged, not sent");
        break;
      case "close": {
        const [code, retryMs] = ["code", "retry-ms"].map((name) => Number(field(this.#packer, told, name)));
        carrier.link.closed({ reason: "clean", code: code ?? 0, retryMs: retryMs ?? 0 });
        break;
      }
      case "ping":
      case "pong":
      case "timeout":
        break;
      default:
        broken("no such frame");
    }
    return name;
  }

  #begin(told: unknown, carrier: Carrier): void {
    const [uid, , data, info] = told as unknown[];
    const [session, received, isResumed, lost, limit, pingMs, timeoutMs] = this.infoOf(info);
    const resumed = isResumed === true && session === this.token;
    let loss: Lost | null = null;
    if (!resumed) {
      loss = this.#beginAnew(this.#forgotten ?? (this.token && String(lost ?? "unknown-session")));
      carrier.position = 0;
    } else if (!this.outbound.resumeAt(count(received))) {
      broken("received went back");
    }
    this.token = session as string;
    this.maxMessageBytes = count(limit);
    carrier.silenceMs = pingMs ? Number(pingMs) + Number(timeoutMs) : 0;
    carrier.open = true;
    carrier.link.opened({ uid: uid as string | null, data, resumed, lost: loss });
  }

  /** What a handshake tells of the session (V4); throws where the server speaks classic mode only. */
  infoOf(info: unknown): unknown[] {
    const fields = INFO.map((name) => field(this.#packer, info, name));
    return typeof fields[0] === "string" ? fields : broken("no v2 here: use sente-client/classic");
  }

  /** V14: what was given to a connection stays out of the new session, and what never was goes into it. */
  #beginAnew(reason: string | undefined): Lost | null {
    const [given, rest] = this.outbound.drain();
    this.outbound = this.#fresh();
    const kept = new Set<number | undefined>();
    for (const message of rest) {
      if (message.id === undefined) continue;
      this.outbound.append(message, Infinity, Infinity);
      kept.add(message.n);
    }
    this.inbound = new Inbound();
    this.#asked = 0;
    this.#forgotten = undefined;
    this.#requests.failAll("closed", "the session is lost", (n) => kept.has(n));
    return reason ? { reason, sent: given.flatMap(({ id }) => id ?? []) } : null;
  }

  /** The server has broken the protocol: the session cannot go on. */
  broke(error: unknown, { link }: Carrier): void {
    this.host.report(error, "protocol");
    if (this.token) this.#forgotten = "protocol";
    this.token = undefined;
    link.closed({ reason: "protocol" });
  }

  interrupted(isAway: boolean): void {
    if (isAway) this.#requests.failAll("refused", "the server refuses");
  }

  end(): void {
    this.token = undefined;
    this.outbound.drain();
    this.#beginAnew(undefined);
  }

  #deliver(value: unknown): void {
    const message = readMessage(this.#packer, value);
    switch (message.type) {
      case "event":
        this.host.handlers.deliver({ id: message.id, data: message.data });
        break;
      case "request":
        if (message.n <= this.#asked) broken("number went back");
        this.#asked = message.n;
        void this.#answer(message.n, message.id, message.data);
        break;
      case "reply":
        this.#requests.resolve(message.n, message.value);
        break;
      case "error":
        this.#requests.fail(message.n, "remote", "no answer", message.value);
        break;
      default:
        message satisfies never;
    }
  }

  async #answer(n: number, id: string, data: unknown): Promise<void> {
    const { flush, handlers, report } = this.host;
    const { inbound } = this;
    const say = (name: string, value: unknown): void => {
      const message = this.#message([keyword(this.#packer, name), [n, value]]);
      // The answer belongs to the session that asked.
      if (this.inbound !== inbound) return;
      this.outbound.append(message, Infinity, Infinity);
      flush();
    };
    try {
      const handler = handlers.answerers.get(id);
      if (handler) say("chsk/reply", (await handler(data)) ?? null);
      else say("chsk/error", { code: "no-handler", message: `no answer to ${id}` });
    } catch (error) {
      report(error, id);
      say("chsk/error", { code: "handler-error" });
    }
  }
}
