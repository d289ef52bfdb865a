import type { Transport } from "../conversation.js";
import { exchange, type Exchange } from "../http/exchange.js";
import type { WebSocketConstructor } from "../platform.js";
import type { Close } from "../session.js";
import { ACKNOWLEDGE_WITHIN_MS, MAX_UNTOLD } from "./inbound.js";
import type { Carrier, Stream } from "./stream.js";
import { ProtocolError } from "../values.js";
import { broken, control, httpRequest, readFrame, webSocketRequest } from "./wire.js";

export function openWebSocket(stream: Stream, carrier: Carrier, WebSocket: WebSocketConstructor): Transport {
  const { link, position } = carrier;
  const { access } = link;
  const { settings } = stream.host;
  const { clock, handshakeTimeoutMs, packer } = settings;
  const { token } = stream;
  const [url, protocols] = webSocketRequest(settings, access, token, position);
  const socket = new WebSocket(url, protocols, { headers: { ...access.headers } });
  /** When the server must have been heard again, in ms since the epoch. */
  let deadline = 0;
  let watch: unknown;
  let acknowledgement: unknown;
  let asking: Exchange | undefined;

  stream.isOpening = true;
  socket.binaryType = "arraybuffer";
  // The close event that follows says all there is to know; but of a failed attempt Node 22 says no more than this.
  socket.onerror = () => {
    if (!socket.readyState) socket.onclose?.({ code: 1006, wasClean: false } as never);
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    const wasOpen = carrier.open;
    try {
      const name = stream.receive(data, carrier);
      deadline = clock.now() + carrier.silenceMs;
      if (name === "ping") say("pong");
      // Not told to whoever waits for it: it has just been closed.
      if (carrier.open) stream.isOpening = stream.isUnread = false;
      if (wasOpen && name === "handshake") broken("a second handshake");
      if (!wasOpen) look();
      acknowledge(name === "ping" ? 1 : MAX_UNTOLD);
    } catch (error) {
      socket.close(4501);
      // V26: what speaks no v2 here may be a proxy that lets no subprotocol through.
      if (carrier.open || !link.hasFallback) stream.broke(error, carrier);
      else link.closed({ reason: "unexpected", error });
    }
  };
  socket.onclose = ({ code, wasClean }: { code: number; wasClean: boolean }) => {
    const close: Close = { reason: wasClean ? "clean" : "unexpected", code };
    settle();
    if (carrier.open || link.hasFallback) link.closed(close);
    else askWhy(close);
  };

  function say(name: string, ...told: unknown[]): void {
    if (socket.readyState === 1) socket.send(control(packer, name, ...told));
  }

  /** Tells what was accepted, now if it is so many messages, or soon (V9). */
  function acknowledge(least: number): void {
    const { untold } = stream.inbound;
    if (carrier.ended || !untold) return;
    if (untold >= least) tell();
    else acknowledgement ??= clock.setTimeout(tell, ACKNOWLEDGE_WITHIN_MS);
  }

  function tell(): void {
    clock.clearTimeout(acknowledgement);
    acknowledgement = undefined;
    say("ack", stream.inbound.tell());
  }

  /** V22: looks whether the server was heard in time, and when to look again. */
  function look(): void {
    clock.clearTimeout(watch);
    if (!carrier.silenceMs || carrier.ended) return;
    const left = deadline - clock.now();
    if (left > 0) watch = clock.setTimeout(look, left);
    else link.closed({ reason: "ws-ping-timeout" });
  }

  /** A browser does not tell why an upgrade was refused; a poll that asks for a handshake gets to know. */
  function askWhy(close: Close): void {
    const query = { received: position, "handshake?": 1 };
    asking = exchange(settings, httpRequest(settings, access, token, query), handshakeTimeoutMs);
    void asking.answer.then((answer) => {
      if (!answer) return;
      const { body, why } = answer;
      try {
        if (body) stream.infoOf((readFrame(settings, body)[1] as unknown[])[3]);
      } catch (error) {
        if (error instanceof ProtocolError) stream.broke(error, carrier);
      }
      link.closed({ ...close, ...why });
    });
  }

  function settle(): void {
    if (!stream.isOpening) return;
    stream.isOpening = false;
    stream.whenSettled?.();
  }

  function abandon(): void {
    carrier.ended = true;
    carrier.open = false;
    socket.onmessage = socket.onclose = null;
    clock.clearTimeout(watch);
    clock.clearTimeout(acknowledgement);
    asking?.abort();
    settle();
  }

  return {
    flush: () => {
      if (!carrier.open || socket.readyState !== 1) return;
      for (const { packed } of stream.outbound.take(Infinity)) socket.send(packed);
      if (stream.outbound.asks(settings.maxQueuedMessages, settings.maxQueuedBytes)) say("ping");
    },
    check: () => {
      if (!carrier.open) return;
      say("ping");
      deadline = Math.min(deadline, clock.now() + handshakeTimeoutMs);
      look();
    },
    farewell: () => {
      if (carrier.open) say("close", { code: 1000 });
    },
    close: (code) => {
      abandon();
      socket.close(code);
    },
    abandon,
  };
}
