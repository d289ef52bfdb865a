import type { Conversation, Host, Link, Unavailable } from "../conversation.js";
import type { Packed } from "../packer/packer.js";
import { ChskError } from "../errors.js";
import { Requests } from "../requests.js";
import type { Close } from "../session.js";
import type { Lost } from "../state.js";
import { eventOf, keyword, readEvent, sizeOf } from "../values.js";
import { Inbound } from "./inbound.js";
import { openLongPolling } from "./longPolling.js";
import { Outbound } from "./outbound.js";
import { openWebSocket } from "./webSocket.js";
import { broken, count, field, readFrame, vector } from "./wire.js";

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

/**
 * How many messages, and bytes, are kept at most beyond what the application may queue: answers to the server's requests are not
 * refused, but a server that asks on and does not acknowledge is (V10).
 */
const MAX_ANSWERS = 1 << 14;
const MAX_ANSWER_BYTES = 1 << 26;

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
export interface Stream {
  readonly host: Host;
  outbound: Outbound<Message>;
  inbound: Inbound;
  /** The session to go on with; undefined while there is none. */
  token: string | undefined;
  /** How large a message the server takes; before the first handshake a guess: the usual 1 MiB, or what the client reads where that is more. */
  maxMessageBytes: number;
  /** Whether a WebSocket is being opened. Until that is settled no poll may begin, which would take over from it (V15). */
  isOpening: boolean;
  /** Whether the last answer to a poll but for handshakes could not be read. */
  isUnread?: boolean;
  /** Called when it is settled. */
  whenSettled?: () => void;
  /** Messages as one frame. */
  pack(messages: readonly Message[]): Packed;
  /**
   * Takes a frame.
   *
   * @returns its name
   * @throws ProtocolError if it breaks a rule, and other errors if it is none at all
   */
  receive(packed: unknown, carrier: Carrier): string | undefined;
  /** What a handshake tells of the session (V4); throws where the server speaks classic mode only. */
  infoOf(info: unknown): unknown[];
  /** One of the two has broken the protocol: the connection ends, and with it the session that it carries. */
  broke(error: unknown, carrier: Carrier, why?: Partial<Close>): void;
}

export function startStream(host: Host): Conversation {
  const { flush, handlers, report, settings } = host;
  const { clock, maxMessageBytes, maxQueuedBytes, maxQueuedMessages, packer, WebSocket } = settings;
  const requests = new Requests<number | undefined>(clock);
  const stream: Stream = {
    host,
    outbound: new Outbound(),
    inbound: new Inbound(),
    token: undefined,
    maxMessageBytes: Math.max(1 << 20, maxMessageBytes),
    isOpening: false,
    pack: (messages) => packer.pack([messages.map(({ value }) => value)]),
    receive,
    infoOf,
    broke: (error, carrier, why) => {
      report(error, "protocol");
      if (stream.token) forgotten = "protocol";
      stream.token = undefined;
      carrier.link.closed({ reason: "protocol", ...why });
    },
  };
  let lastRequest = 0;
  /** The highest number of a request of the server in this session. */
  let asked = 0;
  /** Why the session was given up by this side. */
  let forgotten: string | undefined;

  function fields(map: unknown, ...names: string[]): unknown[] {
    return names.map((name) => field(packer, map, name));
  }

  function messageOf(value: unknown, id?: string, n?: number): Message {
    const packed = packer.pack([[value]]);
    return { value, packed, bytes: sizeOf(packed), id, n };
  }

  function fits(message: Message): boolean {
    return message.bytes <= stream.maxMessageBytes;
  }

  function offer(message: Message, unavailable: Unavailable | undefined): boolean {
    return (
      !unavailable && fits(message) && stream.outbound.append(message, maxQueuedMessages, maxQueuedBytes) > 0
    );
  }

  function receive(packed: unknown, carrier: Carrier): string | undefined {
    const [name, told] = readFrame(settings, packed);
    // Not the server's: so may be what a gateway answers, such as a text in JSON.
    if (!carrier.open && name !== "handshake" && name !== "close") throw new Error("no handshake");
    switch (name) {
      case "batch":
        for (const message of told as unknown[]) {
          if (carrier.ended) break;
          if (stream.inbound.accept(++carrier.position)) deliver(message);
        }
        break;
      case "handshake":
        begin(told, carrier);
        break;
      case "ack":
        if (!stream.outbound.acknowledge(count(told))) broken("not sent");
        break;
      case "close": {
        const [code, retryMs] = fields(told, "code", "retry-ms").map((value) => Number(value ?? 0));
        carrier.link.closed({ reason: "clean", code: code ?? 0, ...(retryMs && { retryMs }) });
        break;
      }
      case "ping":
      case "pong":
      case "timeout":
        break;
      case undefined:
      default:
        broken("no frame");
    }
    return name;
  }

  function begin(told: unknown, carrier: Carrier): void {
    const [uid, , handshakeData, info] = told as unknown[];
    const [session, received, isResumed, reason, limit, pingMs, timeoutMs] = infoOf(info);
    // V14: a session that the client has goes on, though it be told as a new one once more (V12).
    const resumed = session === stream.token;
    let lost: Lost | null = null;
    stream.maxMessageBytes = count(limit);
    if (!resumed) {
      lost = beginAnew(forgotten ?? (stream.token && ((reason ?? "unknown-session") as string)));
    } else if (!stream.outbound.resumeAt(count(received))) {
      broken("went back");
    }
    if (!isResumed) carrier.position = 0;
    stream.token = session as string;
    carrier.silenceMs = pingMs ? Number(pingMs) + Number(timeoutMs) : 0;
    carrier.open = true;
    carrier.link.opened({ uid: uid as string | null, handshakeData, resumed, lost });
  }

  function infoOf(info: unknown): unknown[] {
    const told = fields(
      info,
      "session",
      "received",
      "resumed",
      "lost",
      "max-message-bytes",
      "ping-ms",
      "timeout-ms",
    );
    return typeof told[0] === "string" ? told : broken("no v2 here: use sente-client/classic");
  }

  /** V14: what was given to a connection stays out of the new session, and what never was goes into it. */
  function beginAnew(reason?: string): Lost | null {
    const [given, rest] = stream.outbound.drain();
    const kept = new Set<number | undefined>();
    stream.outbound = new Outbound();
    for (const message of rest) {
      if (message.id === undefined) continue;
      stream.outbound.append(message, Infinity, Infinity);
      kept.add(message.n);
      if (!fits(message)) {
        // It was taken before the server had said how much it takes.
        requests.fail(message.n, "refused", "too large");
        stream.outbound.withdraw(message);
        given.push(message);
        reason ??= "too-large";
      }
    }
    stream.inbound = new Inbound();
    asked = 0;
    forgotten = undefined;
    requests.failAll("closed", "session lost", kept);
    return reason ? { reason, sent: given.map(({ id }) => id).filter((id) => id !== undefined) } : null;
  }

  function deliver(value: unknown): void {
    const message = readEvent(packer, value) ?? broken("no message");
    const { id, data } = message;
    if (!id.startsWith("chsk/")) {
      handlers.deliver(message);
      return;
    }
    const [first, said] = vector(data);
    const n = count(first);
    if (id === "chsk/request") {
      const event = readEvent(packer, said);
      const isTooMuch = stream.outbound.exceeds(
        maxQueuedMessages + MAX_ANSWERS,
        maxQueuedBytes + MAX_ANSWER_BYTES,
      );
      if (!event || n <= asked || isTooMuch) broken("no request");
      asked = n;
      handlers.call(() => answer(n, event.id, event.data), event.id);
    } else if (id === "chsk/reply") {
      requests.resolve(n, said);
    } else if (id === "chsk/error") {
      const [code, message] = fields(said, "code", "message");
      requests.fail(n, "remote", "no answer", { code, message });
    } else {
      broken("no message");
    }
  }

  async function answer(n: number, id: string, data: unknown): Promise<void> {
    const { inbound } = stream;
    const say = (name: string, value: unknown): void => {
      const message = messageOf([keyword(packer, name), [n, value]]);
      // The answer belongs to the session that asked.
      if (stream.inbound !== inbound) return;
      if (!fits(message)) throw new RangeError("too large");
      stream.outbound.append(message, Infinity, Infinity);
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

  return {
    resumes: true,
    send: (id, data, unavailable) => offer(messageOf(eventOf(packer, id, data), id), unavailable),
    request: (id, data, timeoutMs, unavailable, settle) => {
      const n = lastRequest + 1;
      const message = messageOf([keyword(packer, "chsk/request"), [n, eventOf(packer, id, data)]], id, n);
      lastRequest = n;
      if (offer(message, unavailable))
        requests.add(n, timeoutMs, settle, () => stream.outbound.withdraw(message));
      else settle.reject(new ChskError(unavailable ?? "refused", "not taken"));
    },
    open: (type, link) => {
      const carrier = { link, position: stream.inbound.tell(), open: false, ended: false, silenceMs: 0 };
      return type === "ws" && WebSocket
        ? openWebSocket(stream, carrier, WebSocket)
        : openLongPolling(stream, carrier);
    },
    interrupted: (isAway) => {
      if (isAway) requests.failAll("refused", "refused");
    },
    end: () => {
      stream.token = undefined;
      stream.outbound.drain();
      beginAnew();
    },
  };
}
