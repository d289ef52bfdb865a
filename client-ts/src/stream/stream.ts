import type { Conversation, Greeting, Host, Link, Settle, Transport, Unavailable } from "../conversation.js";
import { ChskError } from "../errors.js";
import type { Packed } from "../packer/packer.js";
import { Requests } from "../requests.js";
import type { Lost, TransportType } from "../state.js";
import { eventOf, keyword, sizeOf } from "../values.js";
import { Inbound } from "./inbound.js";
import { openLongPolling } from "./longPolling.js";
import { Outbound } from "./outbound.js";
import { openWebSocket } from "./webSocket.js";
import { readMessage, type Frame } from "./wire.js";

/** A message on its way to the server. */
export interface Message {
  readonly value: unknown;
  /** The message as a frame of its own. */
  readonly packed: Packed;
  readonly bytes: number;
  /** The event's id; undefined for answers to the server's requests. */
  readonly id?: string;
  /** The number of a request. */
  readonly n?: number;
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
  readonly #requests: Requests<number>;
  #lastRequest = 0;
  /** The highest number of a request of the server in this session. */
  #asked = 0;
  /** Why the session was given up by this side. */
  #forgotten: string | undefined;

  constructor(host: Host) {
    this.host = host;
    this.maxMessageBytes = host.settings.maxMessageBytes;
    this.#requests = new Requests(host.settings.clock);
  }

  #fresh(): Outbound<Message> {
    return new Outbound((message) => message.bytes);
  }

  send(id: string, data: unknown, unavailable: Unavailable | undefined): boolean {
    const message = this.#message(eventOf(this.host.settings.packer, id, data), { id });
    return !unavailable && this.#append(message);
  }

  request(
    id: string,
    data: unknown,
    timeoutMs: number,
    unavailable: Unavailable | undefined,
    settle: Settle,
  ): void {
    const { packer } = this.host.settings;
    const n = this.#lastRequest + 1;
    const value = [keyword(packer, "chsk/request"), [n, eventOf(packer, id, data)]];
    const message = this.#message(value, { id, n });
    if (unavailable) {
      settle.reject(new ChskError(unavailable, "there is no connection, and none will be tried"));
      return;
    }
    this.#lastRequest = n;
    this.#requests.add(n, timeoutMs, settle, () => this.outbound.withdraw(message));
    if (!this.#append(message))
      this.#requests.fail(n, "refused", "the queue is full, or the message too large");
  }

  #message(value: unknown, more: { id?: string; n?: number }): Message {
    const packed = this.host.settings.packer.pack([[value]]);
    return { value, packed, bytes: sizeOf(packed), ...more };
  }

  #append(message: Message): boolean {
    const { maxQueuedBytes, maxQueuedMessages } = this.host.settings;
    return (
      message.bytes <= this.maxMessageBytes &&
      this.outbound.append(message, maxQueuedMessages, maxQueuedBytes) > 0
    );
  }

  /** Messages as one frame. */
  pack(messages: readonly Message[]): Packed {
    const [first, second] = messages;
    return first && !second
      ? first.packed
      : this.host.settings.packer.pack([messages.map(({ value }) => value)]);
  }

  open(type: TransportType, link: Link): Transport {
    const { WebSocket } = this.host.settings;
    return type === "ws" && WebSocket ? openWebSocket(this, link, WebSocket) : openLongPolling(this, link);
  }

  /**
   * The server has shaken hands.
   *
   * @param base how many messages the client had when it began to connect
   * @returns the number that the connection's first message from the server follows (V6)
   * @throws TypeError if the session cannot go on as the server says
   */
  begin(frame: Frame & { type: "handshake" }, base: number, link: Link): number {
    const { uid, data, info } = frame;
    if (!info) throw new TypeError("the server does not speak v2; connect with protocol: classic");
    const resumed = info.resumed && info.session === this.token;
    let lost: Greeting["lost"] = null;
    if (!resumed) {
      lost = this.#beginAnew(this.#forgotten ?? (this.token && (info.lost ?? "unknown-session")));
      base = 0;
    } else if (!this.outbound.resumeAt(info.received)) {
      throw new TypeError("the server has another count of what it received");
    }
    this.token = info.session;
    this.maxMessageBytes = info.maxMessageBytes;
    link.opened({ uid, data, resumed, lost });
    return base;
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
    this.#requests.failAll("closed", "the session ended before the answer", (n) => kept.has(n));
    return reason ? { reason, sent: given.flatMap(({ id }) => id ?? []) } : null;
  }

  /** The server has broken the protocol: the session cannot go on. */
  forget(): void {
    if (this.token !== undefined) this.#forgotten = "protocol";
    this.token = undefined;
  }

  interrupted(isAway: boolean): void {
    if (isAway) this.#requests.failAll("refused", "the server refused the connection");
  }

  end(): void {
    this.token = this.#forgotten = undefined;
    this.outbound.drain();
    this.#beginAnew(undefined);
  }

  /** A message came that was not seen before. */
  deliver(value: unknown): void {
    const { handlers, settings } = this.host;
    const message = readMessage(settings.packer, value);
    switch (message.type) {
      case "event":
        handlers.deliver({ id: message.id, data: message.data });
        break;
      case "request":
        if (message.n <= this.#asked) throw new TypeError("a request's number went back");
        this.#asked = message.n;
        void this.#answer(message.n, message.id, message.data);
        break;
      case "reply":
        this.#requests.resolve(message.n, message.value);
        break;
      case "error":
        this.#requests.fail(message.n, "remote", "the server has no answer", message.value);
        break;
      default:
        message satisfies never;
    }
  }

  async #answer(n: number, id: string, data: unknown): Promise<void> {
    const { flush, handlers, report, settings } = this.host;
    const { inbound } = this;
    const say = (name: string, value: unknown): void => {
      // The answer belongs to the session that asked.
      if (this.inbound !== inbound) return;
      this.outbound.append(
        this.#message([keyword(settings.packer, name), [n, value]], {}),
        Infinity,
        Infinity,
      );
      flush();
    };
    try {
      const handler = handlers.answerer(id);
      if (!handler) {
        say("chsk/error", { code: "no-handler", message: `nothing answers ${id}` });
        return;
      }
      say("chsk/reply", (await handler(data)) ?? null);
    } catch (error) {
      report(error, id);
      say("chsk/error", { code: "handler-error" });
    }
  }
}
