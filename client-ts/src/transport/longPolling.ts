/**
 * Long-polling with the surface of a socket, so that nothing else need know about it.
 *
 * Order. The server handles a client's events in the order in which they arrive, and two POSTs under way at the same
 * time may overtake each other. So an event's POST is waited for, which is short: its answer comes at once. A
 * request's answer may take the server's handler its time, and must not hold up everything behind it: the next POST
 * goes when the answer is there or after {@link ARRIVAL_MS}, by when the request has arrived unless the network is in
 * trouble. At most {@link MAX_POSTS} are under way, since browsers open six connections to a server, and one of these
 * is the poll's.
 */
import type { Message } from "../outbox.js";
import type { Packed } from "../packer/packer.js";
import type { Close } from "../session.js";
import { keyword, readAnswer, readFrame } from "../wire/classic.js";
import { pollRequest, postRequest } from "../wire/requests.js";
import { exchange, type Exchange, type HttpAnswer } from "./http.js";
import type { Link, Transport } from "./transport.js";

/** By when a POST without an answer is taken to have arrived, in ms. */
export const ARRIVAL_MS = 300;

/** How many POSTs may be under way at the same time. */
export const MAX_POSTS = 4;

export function openLongPolling(link: Link): Transport {
  const { settings, access, outbox } = link;
  const { clock, packer } = settings;
  const underWay = new Set<Exchange>();
  let ended = false;
  const cancelled = new WeakSet<Message>();
  const isEnded = (): boolean => ended;
  let open = false;
  let posts = 0;
  /** The POST that the next one waits for. */
  let last: Exchange | undefined;
  let arrival: unknown;

  async function call(request: Exchange): Promise<HttpAnswer> {
    underWay.add(request);
    const answer = await request.answer;
    underWay.delete(request);
    return answer;
  }

  async function poll(): Promise<void> {
    for (;;) {
      const { status, body } = await call(
        exchange(settings, pollRequest(settings, access, !open), settings.pollTimeoutMs),
      );
      if (isEnded()) return;
      if (body === undefined) {
        end(unexpected(status));
        return;
      }
      try {
        const frame = readFrame(packer, checked(body));
        if (!open && frame.type !== "handshake") throw new TypeError("not a handshake");
        open = true;
        if (frame.type !== "timeout") link.received(frame);
      } catch (error) {
        // To ask again at once would get the same, as from a network that wants its users to log in first.
        link.report(error, "frame");
        end(unexpected(status));
      }
      if (isEnded()) return;
    }
  }

  function flush(): void {
    while (open && !last && posts < MAX_POSTS) {
      const message = outbox.take();
      if (!message) return;
      post(message).catch((error: unknown) => link.report(error, "POST"));
    }
  }

  async function post(message: Message): Promise<void> {
    const { cb } = message;
    const packed = cb === null ? message.packed : packer.pack([message.event, keyword(packer, "ajax")]);
    const request = exchange(settings, postRequest(settings, access, packed), settings.pollTimeoutMs);
    message.cancel = () => {
      cancelled.add(message);
      request.abort();
    };
    posts++;
    last = request;
    if (cb !== null) arrival = clock.setTimeout(() => arrived(request), ARRIVAL_MS);

    const { status, body } = await call(request);
    posts--;
    if (isEnded()) return;
    if (!cancelled.has(message)) answered(message, status, body);
    arrived(request);
  }

  function arrived(request: Exchange): void {
    if (last === request) {
      last = undefined;
      clock.clearTimeout(arrival);
    }
    flush();
  }

  function answered({ cb }: Message, status: number, body: Packed | undefined): void {
    if (body !== undefined) {
      if (cb === null) return;
      try {
        link.received({ type: "reply", cb, value: readAnswer(packer, checked(body)) });
        return;
      } catch (error) {
        link.report(error, "answer");
      }
    } else if (status === 0 || status === 401 || status === 403) {
      if (cb === null) link.report(new Error("an event may be lost"), "POST");
      end(unexpected(status));
      return;
    }
    if (cb === null) link.report(new Error(`an event was answered with status ${status}`), "POST");
    else link.failed(cb, status);
  }

  function checked(body: Packed): Packed {
    const max = settings.maxMessageBytes;
    if (body.length > max) throw new RangeError(`a message must be at most ${max} long, was ${body.length}`);
    return body;
  }

  function abandon(): void {
    ended = true;
    open = false;
    clock.clearTimeout(arrival);
  }

  function stop(): void {
    abandon();
    for (const request of underWay) request.abort();
  }

  function end(close: Close): void {
    if (ended) return;
    stop();
    link.closed(close);
  }

  void poll();
  return { flush, check: () => undefined, close: stop, abandon };
}

function unexpected(status: number): Close {
  return { reason: "unexpected", ...(status > 0 && { status }) };
}
