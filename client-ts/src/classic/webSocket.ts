import type { Link, Transport } from "../conversation.js";
import { exchange, type Exchange } from "../http/exchange.js";
import type { WebSocketConstructor } from "../platform.js";
import type { Close } from "../session.js";
import { keyword } from "../values.js";
import type { ClassicConversation } from "./conversation.js";
import { pollRequest, webSocketUrl } from "./urls.js";
import { readFrame, type Frame } from "./wire.js";

/** Take no more from the outbox while so many bytes wait in the socket. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** How long to wait until looking at a socket again that had too much waiting, in ms. */
const BUFFERED_RETRY_MS = 100;

/** The callback id of pings. No request has it: theirs are of six digits. */
const PING_CB = "ping";

export function openWebSocket(
  conversation: ClassicConversation,
  link: Link,
  WebSocket: WebSocketConstructor,
): Transport {
  const { access } = link;
  const { host, outbox } = conversation;
  const { settings } = host;
  const { clock, packer, wsKeepAliveMs = 20_000, wsPingTimeoutMs = 5_000 } = settings;
  const socket = new WebSocket(webSocketUrl(settings, access), [], { headers: { ...access.headers } });
  let open = false;
  let heardAt = 0;
  let pinged = false;
  let keepAlive: unknown;
  let retry: unknown;
  let asking: Exchange | undefined;

  socket.binaryType = "arraybuffer";
  // The close event that follows says all there is to know; but of a failed attempt Node 22 says no more than this.
  socket.onerror = () => {
    if (!socket.readyState) socket.onclose?.({ code: 1006, wasClean: false } as never);
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    heardAt = clock.now();
    if (pinged) {
      pinged = false;
      schedule(wsKeepAliveMs);
    }
    try {
      receive(readFrame(packer, data, settings.maxMessageBytes));
    } catch (error) {
      host.report(error, "frame");
    }
  };
  socket.onclose = ({ code, wasClean }: { code: number; wasClean: boolean }) => {
    const close: Close = { reason: wasClean ? "clean" : "unexpected", code };
    if (open || link.hasFallback) link.closed(close);
    else askWhy(close);
  };

  function receive(frame: Frame): void {
    if (frame.type === "ping") {
      socket.send(packer.pack([[keyword(packer, "chsk/ws-pong")], null]));
    } else if (!(frame.type === "reply" && frame.cb === PING_CB)) {
      if (frame.type === "handshake" && !open) {
        open = true;
        schedule(wsKeepAliveMs);
      }
      conversation.received(frame, link);
    }
  }

  /** A browser does not tell why an upgrade was refused; an HTTP request of the same form gets to know. */
  function askWhy(close: Close): void {
    asking = exchange(settings, pollRequest(settings, access, true), settings.handshakeTimeoutMs);
    void asking.answer.then((answer) => link.closed({ ...close, ...answer?.why }));
  }

  function schedule(ms: number): void {
    clock.clearTimeout(keepAlive);
    if (wsKeepAliveMs > 0) keepAlive = clock.setTimeout(tick, ms);
  }

  function tick(): void {
    const idle = clock.now() - heardAt;
    if (pinged) link.closed({ reason: "ws-ping-timeout" });
    else if (idle >= wsKeepAliveMs) ping();
    else schedule(wsKeepAliveMs - idle);
  }

  function ping(): void {
    pinged = true;
    socket.send(packer.pack([[keyword(packer, "chsk/ws-ping")], PING_CB]));
    schedule(wsPingTimeoutMs);
  }

  function abandon(): void {
    open = false;
    socket.onmessage = socket.onclose = null;
    clock.clearTimeout(keepAlive);
    clock.clearTimeout(retry);
    asking?.abort();
  }

  function flush(): void {
    while (open && socket.readyState === 1) {
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
        clock.clearTimeout(retry);
        retry = clock.setTimeout(flush, BUFFERED_RETRY_MS);
        return;
      }
      const message = outbox.take();
      if (!message) return;
      socket.send(message.packed);
    }
  }

  return {
    flush,
    check: () => {
      if (open && !pinged && wsKeepAliveMs > 0 && clock.now() - heardAt >= wsPingTimeoutMs) ping();
    },
    close: (code) => {
      abandon();
      socket.close(code, code === 1000 ? "CLOSE_NORMAL" : "CLOSE_ABNORMAL");
    },
    abandon,
  };
}
