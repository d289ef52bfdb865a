/**
 * Long-polling with the surface of a socket. Numbers make it safe to ask again: a lost answer to a poll or a POST costs
 * nothing (V18, V19).
 */
import type { Transport } from "../conversation.js";
import { exchange, type Exchange, type HttpAnswer } from "../http/exchange.js";
import type { Params } from "../options.js";
import type { Packed } from "../packer/packer.js";
import type { Carrier, Stream } from "./stream.js";
import { ProtocolError } from "../values.js";
import { broken, control, httpRequest } from "./wire.js";

/** How large a POST is at most, unless a single message is larger: what breaks is sent again as a whole. */
const MAX_FRAME_BYTES = 1 << 16;

/** A POST of no more than this may be is not made smaller, however often none is answered. */
const MIN_FRAME_BYTES = 1_000;

/** How often a POST is tried that is not answered well, before the connection counts as lost. */
const MAX_POSTS = 5;

/** How long to wait before a POST is tried again, in ms; doubled each time. */
const POST_AGAIN_MS = 100;

export function openLongPolling(stream: Stream, carrier: Carrier): Transport {
  const { link } = carrier;
  const { settings } = stream.host;
  const { clock, handshakeTimeoutMs } = settings;
  let polling: Exchange | undefined;
  let polledAt = 0;
  /** Goes off where a poll is to be asked anew. */
  let checking: unknown;
  let posting: Exchange | undefined;
  /** Set while a POST's answer waits until a WebSocket is settled, whose handshake may know of less (V19). */
  let afterwards: (() => void) | undefined;
  /** Set while a POST waits to be tried again. */
  let pause: unknown;
  /** Less than may be, where the packer has packed less, or POSTs were not answered. */
  let maxFrameBytes = MAX_FRAME_BYTES;
  /** How many POSTs in a row brought nothing on. */
  let vainPosts = 0;

  function ask(query: Params, timeoutMs: number, body?: Packed): Exchange {
    return exchange(settings, httpRequest(settings, link.access, stream.token, query, body), timeoutMs);
  }

  /** What a request was answered; undefined if that is of no interest any more. */
  async function answerOf({ answer }: Exchange): Promise<HttpAnswer | undefined> {
    const given = await answer;
    return carrier.ended ? undefined : given;
  }

  /** @param isSecond whether the one before failed */
  async function poll(isSecond = false): Promise<void> {
    polling?.abort();
    polling = undefined;
    if (stream.isOpening || carrier.ended) return;
    const received = (carrier.position = stream.inbound.tell());
    polledAt = clock.now();
    polling = ask({ received, "handshake?": carrier.open ? null : 1 }, settings.pollTimeoutMs);
    const answer = await answerOf(polling);
    if (!answer) return;
    polling = undefined;
    const { body, status } = answer;
    if (body !== undefined) {
      if (take(body, status)) void poll();
    } else if (carrier.open && !isSecond && [0, 502, 504].includes(status)) {
      // A connection that was held may have been cut on the way.
      void poll(true);
    } else {
      fail(answer);
    }
  }

  /** Takes a frame; whether there may be more. */
  function take(body: Packed, status: number, isAck?: boolean): boolean {
    const isPolled = carrier.open && !isAck;
    try {
      const name = stream.receive(body, carrier);
      if (isAck && name !== "ack") broken("no ack");
      if (isPolled) stream.isUnread = false;
      return true;
    } catch (error) {
      if (error instanceof ProtocolError || (isPolled && stream.isUnread)) {
        stream.broke(error, carrier);
      } else {
        // Not the server's: a network may answer so that wants its users to log in first. But if it comes again after a handshake, it is.
        stream.isUnread ||= isPolled;
        stream.host.report(error, "answer");
        link.closed({ reason: "unexpected", status });
      }
      return false;
    }
  }

  function flush(): void {
    if (carrier.open && !posting && !pause && stream.outbound.hasMore) void post();
  }

  async function post(): Promise<void> {
    const { outbound } = stream;
    const first = outbound.cursor + 1;
    const messages = outbound.take(Math.min(stream.maxMessageBytes, maxFrameBytes));
    const { cursor } = outbound;
    let body: Packed | undefined;
    try {
      body = stream.pack(messages);
    } catch {
      // Together they pass a bound of the packer's: the others go again, as what the server does not accept.
      maxFrameBytes /= 2;
      body = messages[0]?.packed;
    }
    // A page that was frozen may never hear of the answer, and nothing else is posted until then.
    const isLarge = Number(messages[0]?.bytes) > MAX_FRAME_BYTES;
    posting = ask({ first }, isLarge ? settings.pollTimeoutMs : 4 * handshakeTimeoutMs, body);
    const answer = await answerOf(posting);
    if (!answer) return;
    afterwards = () => {
      posting = afterwards = undefined;
      // What a session was told that is no more has been settled with it.
      if (outbound === stream.outbound) posted(answer);
      else flush();
    };
    if (!stream.isOpening) {
      afterwards();
    } else if (String(answer.body) === String(control(settings.packer, "ack", cursor))) {
      // All is there: what has come since need not wait, though nothing is forgotten yet.
      afterwards = () => outbound.acknowledge(cursor);
      posting = undefined;
      flush();
    }
  }

  function posted(answer: HttpAnswer): void {
    const { outbound } = stream;
    const { body = "", status } = answer;
    const before = outbound.acknowledged;
    if (status === 410 || (status === 409 && !outbound.resumeAt(parseInt(body as string, 10)))) {
      // Where the server has fewer messages than it had, it says so in the handshake.
      carrier.open = false;
      void poll();
      return;
    }
    if (status === 200) {
      if (!take(body, status, true)) return;
    } else if (status > 0 && status < 500 && status !== 409 && status !== 429) {
      fail(answer);
      return;
    }
    // The way up may be too slow for so much at a time.
    if (!status && maxFrameBytes > MIN_FRAME_BYTES) maxFrameBytes /= 2;
    const isAllThere = status === 200 && outbound.acknowledged === outbound.cursor;
    vainPosts = isAllThere || outbound.acknowledged > before ? 0 : vainPosts + 1;
    // What was not accepted goes again, with whatever has come since.
    outbound.resumeAt(outbound.acknowledged);
    if (isAllThere) {
      flush();
    } else if (answer.why.retryMs || (status !== 200 && vainPosts >= MAX_POSTS)) {
      fail(answer);
    } else {
      pause = clock.setTimeout(
        () => {
          pause = undefined;
          flush();
        },
        POST_AGAIN_MS * 2 ** Math.min(vainPosts, MAX_POSTS),
      );
    }
  }

  function fail({ status, why }: HttpAnswer): void {
    // The session would send the same again.
    if ([400, 413].includes(status)) stream.broke(why, carrier, why);
    else link.closed({ reason: "unexpected", ...why });
  }

  function abandon(): void {
    carrier.ended = true;
    carrier.open = false;
    clock.clearTimeout(pause);
    clock.clearTimeout(checking);
  }

  stream.whenSettled = () => {
    if (carrier.ended) return;
    if (!polling) void poll();
    afterwards?.();
  };
  void poll();
  return {
    flush,
    check: () => {
      // Of a connection that has died on the way nothing more may come for as long as a poll is held. A young one has time to be
      // answered first: who checks often would keep each from it.
      clock.clearTimeout(checking);
      checking = clock.setTimeout(() => void poll(), polledAt + handshakeTimeoutMs - clock.now());
    },
    close: () => {
      abandon();
      polling?.abort();
      posting?.abort();
    },
    abandon,
  };
}
