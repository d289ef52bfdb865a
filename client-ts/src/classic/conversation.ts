import type { Conversation, Host, Link, Settle, Transport, Unavailable } from "../conversation.js";
import { ChskError } from "../errors.js";
import { Requests } from "../requests.js";
import type { TransportType } from "../state.js";
import { eventOf, readEvent, sizeOf } from "../values.js";
import { openLongPolling } from "./longPolling.js";
import { Outbox, type Message } from "./outbox.js";
import { openWebSocket } from "./webSocket.js";
import { failureOf, type Frame } from "./wire.js";

/** What is said in classic mode: events at most once, answers by callback ids. */
export class ClassicConversation implements Conversation {
  readonly resumes = false;
  readonly outbox: Outbox;
  readonly host: Host;
  readonly #requests: Requests<string>;
  #lastCb: number;
  #isOver = false;

  constructor(host: Host) {
    const { clock, maxQueuedBytes, maxQueuedMessages, random } = host.settings;
    this.host = host;
    this.outbox = new Outbox(maxQueuedMessages, maxQueuedBytes);
    this.#requests = new Requests(clock);
    this.#lastCb = Math.floor(random() * 0x1000000);
  }

  send(id: string, data: unknown, unavailable: Unavailable | undefined): boolean {
    const message = this.#message(id, data, null);
    return !unavailable && this.outbox.offer(message);
  }

  request(
    id: string,
    data: unknown,
    timeoutMs: number,
    unavailable: Unavailable | undefined,
    settle: Settle,
  ): void {
    const cb = this.#nextCb();
    const message = this.#message(id, data, cb);
    if (unavailable) {
      settle.reject(new ChskError(unavailable, "there is no connection, and none will be tried"));
    } else if (!this.outbox.offer(message)) {
      settle.reject(new ChskError("refused", "the queue is full"));
    } else {
      this.#requests.add(cb, timeoutMs, settle, () => {
        message.cancel?.();
        return this.outbox.remove(message);
      });
    }
  }

  /** A callback id that no pending request has: six hex digits, as Sente's are. */
  #nextCb(): string {
    let cb;
    do {
      this.#lastCb = (this.#lastCb + 1) & 0xffffff;
      cb = this.#lastCb.toString(16).padStart(6, "0");
    } while (this.#requests.has(cb));
    return cb;
  }

  #message(id: string, data: unknown, cb: string | null): Message {
    const { packer } = this.host.settings;
    const event = eventOf(packer, id, data);
    const packed = packer.pack([event, cb]);
    return { event, cb, packed, bytes: sizeOf(packed) };
  }

  open(type: TransportType, link: Link): Transport {
    this.#isOver = false;
    const { WebSocket } = this.host.settings;
    return type === "ws" && WebSocket ? openWebSocket(this, link, WebSocket) : openLongPolling(this, link);
  }

  interrupted(isAway: boolean): void {
    this.#requests.failAll(isAway ? "refused" : "closed", "the connection ended before the answer", {
      has: (cb) => !isAway && this.outbox.hasCallback(cb),
    });
  }

  end(): void {
    this.#isOver = true;
    this.outbox.clear();
    this.#requests.failAll("closed", "the client was disconnected");
  }

  /** A handshake, a batch or a reply came. */
  received(frame: Frame, link: Link): void {
    switch (frame.type) {
      case "handshake":
        link.opened({ uid: frame.uid, handshakeData: frame.data, resumed: false, lost: null });
        break;
      case "batch":
        for (const value of frame.events) this.#deliver(value);
        break;
      case "reply":
        this.#settle(frame.cb, frame.value);
        break;
      case "ping":
      case "timeout":
        break;
      default:
        frame satisfies never;
    }
  }

  /** A request failed that the server answered by other means than a reply. */
  failed(cb: string, status: number): void {
    this.#requests.fail(cb, "remote", `the server answered with status ${status}`, status);
  }

  #deliver(value: unknown): void {
    const { handlers, report, settings } = this.host;
    const event = readEvent(settings.packer, value);
    if (!event || event.id.startsWith("chsk/")) {
      report(new TypeError("not an event of the application"), "push");
    } else if (!this.#isOver) {
      handlers.deliver(event);
    }
  }

  #settle(cb: string, value: unknown): void {
    const failure = failureOf(this.host.settings.packer, value);
    if (failure) this.#requests.fail(cb, failure, "the server has no answer", value);
    else this.#requests.resolve(cb, value);
  }
}
