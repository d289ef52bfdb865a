import type { Link, Transport } from "../conversation.js";
import { exchange, type Exchange } from "../http/exchange.js";
import type { WebSocketConstructor } from "../platform.js";
import type { Close } from "../session.js";
import { ACKNOWLEDGE_AT, ACKNOWLEDGE_WITHIN_MS } from "./inbound.js";
import type { Stream } from "./stream.js";
import { control, httpRequest, readFrame, webSocketRequest, type Frame } from "./wire.js";

export function openWebSocket(stream: Stream, link: Link, WebSocket: WebSocketConstructor): Transport {
  const { access, hasFallback } = link;
  const { report, settings } = stream.host;
  const { clock, handshakeTimeoutMs, maxMessageBytes, packer } = settings;
  const token = stream.token;
  const received = stream.inbound.tell();
  const [url, protocols] = webSocketRequest(settings, access, token, received);
  const socket = new WebSocket(url, protocols, { headers: { ...access.headers } });
  /** The number of the last message that came here (V6). */
  let position = received;
  let open = false;
  let ended = false;
  /** When the server must have been heard again, in ms since the epoch; `silenceMs` after it was. 0 for never. */
  let deadline = 0;
  let silenceMs = 0;
  let watch: unknown;
  let acknowledgement: unknown;
  let asking: Exchange | undefined;

  stream.isOpening = true;
  socket.binaryType = "arraybuffer";
  // The close event that follows says all there is to know. Without a listener, `ws` would throw.
  socket.onerror = () => undefined;
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (silenceMs > 0) deadline = clock.now() + silenceMs;
    try {
      receive(readFrame(packer, data, maxMessageBytes));
    } catch (error) {
      protocolError(error);
    }
  };
  socket.onclose = ({ code, wasClean }: { code: number; wasClean: boolean }) => {
    const close: Close = { reason: wasClean ? "clean" : "unexpected", code };
    settle();
    if (open || hasFallback) link.closed(close);
    else askWhy(close);
  };

  function receive(frame: Frame): void {
    switch (frame.type) {
      case "handshake":
        if (open) throw new TypeError("a second handshake");
        open = true;
        if (frame.info?.pingMs) {
          silenceMs = frame.info.pingMs + frame.info.timeoutMs;
          deadline = clock.now() + silenceMs;
          watchFor(silenceMs);
        }
        position = stream.begin(frame, position, link);
        // Not told to whoever waits for it: it has just been closed.
        stream.isOpening = false;
        acknowledge();
        break;
      case "batch":
        for (const message of frame.messages) {
          if (ended) return;
          if (stream.inbound.accept(++position)) stream.deliver(message);
        }
        acknowledge();
        break;
      case "ack":
        if (!stream.outbound.acknowledge(frame.received)) throw new TypeError("more acknowledged than sent");
        break;
      case "ping":
        socket.send(control(packer, "pong"));
        break;
      case "close":
        link.closed({ reason: "clean", code: frame.code, retryMs: frame.retryMs });
        break;
      case "pong":
      case "timeout":
        break;
      default:
        frame satisfies never;
    }
  }

  /** Tells what was accepted, now or soon (V9). */
  function acknowledge(): void {
    const { untold } = stream.inbound;
    if (ended || untold === 0) return;
    if (untold >= ACKNOWLEDGE_AT) tell();
    else acknowledgement ??= clock.setTimeout(tell, ACKNOWLEDGE_WITHIN_MS);
  }

  function tell(): void {
    clock.clearTimeout(acknowledgement);
    acknowledgement = undefined;
    if (socket.readyState === 1) socket.send(control(packer, "ack", stream.inbound.tell()));
  }

  function protocolError(error: unknown): void {
    report(error, "protocol");
    stream.forget();
    socket.close(4501, "protocol error");
    link.closed({ reason: "protocol" });
  }

  /** A browser does not tell why an upgrade was refused; a poll that asks for a handshake gets to know. */
  function askWhy(close: Close): void {
    const query = { received: stream.inbound.received, "handshake?": 1 };
    asking = exchange(settings, httpRequest(settings, access, token, query), handshakeTimeoutMs);
    void asking.answer.then((answer) => {
      if (!answer || ended) return;
      const { body, retryMs, status } = answer;
      if (body !== undefined && isClassic(body)) protocolError(new TypeError(NOT_V2));
      else link.closed({ ...close, ...(status > 0 && { status }), ...(retryMs && { retryMs }) });
    });
  }

  function isClassic(body: unknown): boolean {
    try {
      const frame = readFrame(packer, body, maxMessageBytes);
      return frame.type === "handshake" && !frame.info;
    } catch {
      return false;
    }
  }

  function settle(): void {
    if (!stream.isOpening) return;
    stream.isOpening = false;
    stream.whenSettled();
  }

  /** V22: closes when the server was not heard for too long. */
  function watchFor(ms: number): void {
    clock.clearTimeout(watch);
    watch = clock.setTimeout(() => {
      const left = deadline - clock.now();
      if (left > 0) watchFor(left);
      else link.closed({ reason: "ws-ping-timeout" });
    }, ms);
  }

  function abandon(): void {
    ended = true;
    open = false;
    socket.onmessage = socket.onclose = null;
    clock.clearTimeout(watch);
    clock.clearTimeout(acknowledgement);
    asking?.abort();
    settle();
  }

  return {
    flush: () => {
      if (open && socket.readyState === 1)
        for (const { packed } of stream.outbound.take(Infinity)) socket.send(packed);
    },
    check: () => {
      if (!open || deadline === 0) return;
      const soon = clock.now() + handshakeTimeoutMs;
      if (deadline > soon) {
        socket.send(control(packer, "ping"));
        deadline = soon;
        watchFor(handshakeTimeoutMs);
      } else {
        watchFor(0);
      }
    },
    farewell: () => {
      if (open) socket.send(control(packer, "close", { code: 1000, reason: "disconnected" }));
    },
    close: (code, reason) => {
      abandon();
      socket.close(code, reason);
    },
    abandon,
  };
}

/** What an application is told whose server speaks classic mode only. */
export const NOT_V2 = "the server does not speak v2; see sente-client/classic";
