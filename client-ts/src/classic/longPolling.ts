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
import type { Link, Transport } from "../conversation.js";
import { exchange, type Exchange, type HttpAnswer, type HttpRequest } from "../http/exchange.js";
import { keyword } from "../values.js";
import type { ClassicConversation } from "./conversation.js";
import type { Message } from "./outbox.js";
import { pollRequest, postRequest } from "./urls.js";
import { readFrame, readPair } from "./wire.js";

/** By when a POST without an answer is taken to have arrived, in ms. */
export const ARRIVAL_MS = 300;

/** How many POSTs may be under way at the same time. */
export const MAX_POSTS = 4;

export function openLongPolling(conversation: ClassicConversation, link: Link): Transport {
  const { access } = link;
  const { host, outbox } = conversation;
  const { settings } = host;
  const { clock, maxMessageBytes, packer, pollTimeoutMs } = settings;
  const underWay = new Set<Exchange>();
  let ended = false;
  let open = false;
  let posts = 0;
  /** The POST that the next one waits for. */
  let last: Exchange | undefined;
  let arrival: unknown;

  function call(request: HttpRequest): Exchange {
    const call = exchange(settings, request, pollTimeoutMs);
    underWay.add(call);
    return call;
  }

  /** What a request was answered; undefined if that is of no interest any more. */
  async function answerOf(call: Exchange): Promise<HttpAnswer | undefined> {
    const answer = await call.answer;
    underWay.delete(call);
    return ended ? undefined : answer;
  }

  async function poll(): Promise<void> {
    if (ended) return;
    const answer = await answerOf(call(pollRequest(settings, access, !open)));
    if (!answer) return;
    if (answer.body !== undefined) {
      try {
        const frame = readFrame(packer, answer.body, maxMessageBytes);
        if (!open && frame.type !== "handshake") throw new TypeError("not a handshake");
        open = true;
        conversation.received(frame, link);
        void poll();
        return;
      } catch (error) {
        // To ask again at once would get the same, as from a network that wants its users to log in first.
        host.report(error, "frame");
      }
    }
    fail(answer);
  }

  function flush(): void {
    while (open && !last && posts < MAX_POSTS) {
      const message = outbox.take();
      if (!message) return;
      post(message).catch((error: unknown) => host.report(error, "POST"));
    }
  }

  async function post(message: Message): Promise<void> {
    const { cb } = message;
    const packed = cb === null ? message.packed : packer.pack([message.event, keyword(packer, "ajax")]);
    const request = call(postRequest(settings, access, packed));
    message.cancel = request.abort;
    last = request;
    posts++;
    if (cb !== null) arrival = clock.setTimeout(() => arrived(request), ARRIVAL_MS);

    const answer = await answerOf(request);
    posts--;
    if (answer) answered(cb, answer);
    arrived(request);
  }

  function arrived(request: Exchange): void {
    if (last === request) {
      last = undefined;
      clock.clearTimeout(arrival);
    }
    flush();
  }

  function answered(cb: string | null, answer: HttpAnswer): void {
    const { status, body } = answer;
    const isOver = status === 0 || status === 401 || status === 403;
    if (cb === null) {
      if (body === undefined) host.report(new Error(`an event may be lost: status ${status}`), "POST");
    } else if (!isOver) {
      try {
        // Without a body this throws as well.
        const value = readPair(packer, body, maxMessageBytes)[0];
        conversation.received({ type: "reply", cb, value }, link);
      } catch {
        conversation.failed(cb, status);
      }
    }
    if (isOver) fail(answer);
  }

  function fail({ why }: HttpAnswer): void {
    link.closed({ reason: "unexpected", ...why });
  }

  function abandon(): void {
    ended = true;
    open = false;
    clock.clearTimeout(arrival);
  }

  function close(): void {
    abandon();
    for (const request of underWay) request.abort();
  }

  void poll();
  return { flush, check: () => undefined, close, abandon };
}
