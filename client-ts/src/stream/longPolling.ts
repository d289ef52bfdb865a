/**
 * Long-polling with the surface of a socket. Numbers make it safe to ask again: a lost answer to a poll or a POST costs
 * nothing (V18, V19).
 */
import type { Link, Transport } from "../conversation.js";
import { exchange, type Exchange, type HttpAnswer } from "../http/exchange.js";
import type { Params } from "../options.js";
import type { Packed } from "../packer/packer.js";
import type { Stream } from "./stream.js";
import { httpRequest, readFrame, type Frame } from "./wire.js";

/** How often a POST is tried before the connection counts as lost. */
const MAX_POSTS = 5;

/** How long to wait before a POST is tried again, in ms; doubled each time. */
const POST_AGAIN_MS = 100;

export function openLongPolling(stream: Stream, link: Link): Transport {
  const { report, settings } = stream.host;
  const { clock, handshakeTimeoutMs, maxMessageBytes, packer, pollTimeoutMs } = settings;
  let ended = false;
  let open = false;
  let polling: Exchange | undefined;
  let polledAt = 0;
  /** Whether the last poll failed and is being asked again. */
  let isSecondPoll = false;
  let posting: Exchange | undefined;
  /** Set while a POST waits to be tried again. */
  let pause: unknown;
  /** How many POSTs brought nothing on, in a row. */
  let idlePosts = 0;

  function ask(query: Params, timeoutMs: number, body?: Packed): Exchange {
    return exchange(settings, httpRequest(settings, link.access, stream.token, query, body), timeoutMs);
  }

  function isOver(): boolean {
    return ended;
  }

  async function poll(): Promise<void> {
    if (ended || stream.isOpening) return;
    const received = stream.inbound.tell();
    const mine = ask({ received, "handshake?": open ? null : 1 }, pollTimeoutMs);
    polling = mine;
    polledAt = clock.now();
    const answer = await mine.answer;
    if (isOver() || polling !== mine) return;
    polling = undefined;
    if (!answer) return;
    const { body, status } = answer;
    if (body === undefined) {
      // A connection that was held may have been cut on the way; what a new one brings is the truth.
      if (!open || isSecondPoll || (status > 0 && status !== 502 && status !== 504)) fail(answer);
      else void pollAgain(true);
      return;
    }
    let frame;
    try {
      frame = readFrame(packer, body, maxMessageBytes);
    } catch (error) {
      // Not the server's: a network may answer so that wants its users to log in first.
      report(error, "poll");
      fail(answer);
      return;
    }
    try {
      take(frame, received);
    } catch (error) {
      protocolError(error);
    }
    void pollAgain(false);
  }

  function pollAgain(isSecond: boolean): Promise<void> {
    isSecondPoll = isSecond;
    return poll();
  }

  /** @param base how many messages the client had when it asked */
  function take(frame: Frame, base: number): void {
    if (!open && frame.type !== "handshake" && frame.type !== "close") throw new TypeError("not a handshake");
    switch (frame.type) {
      case "handshake":
        open = true;
        stream.begin(frame, base, link);
        break;
      case "batch":
        for (const message of frame.messages) {
          if (ended) return;
          if (stream.inbound.accept(++base)) stream.deliver(message);
        }
        break;
      case "close":
        link.closed({ reason: "clean", code: frame.code, retryMs: frame.retryMs });
        break;
      case "timeout":
        break;
      case "ack":
      case "ping":
      case "pong":
        throw new TypeError(`not the answer to a poll: ${frame.type}`);
    }
  }

  function flush(): void {
    if (!open || posting || pause || !stream.outbound.hasMore) return;
    void post();
  }

  async function post(): Promise<void> {
    const { outbound } = stream;
    const first = outbound.cursor + 1;
    const body = stream.pack(outbound.take(stream.maxMessageBytes));
    const mine = ask({ first }, 4 * handshakeTimeoutMs, body);
    posting = mine;
    const answer = await mine.answer;
    if (ended || posting !== mine) return;
    posting = undefined;
    if (!answer || outbound !== stream.outbound) {
      flush();
      return;
    }
    try {
      posted(answer);
    } catch (error) {
      protocolError(error);
    }
  }

  function posted(answer: HttpAnswer): void {
    const { outbound } = stream;
    const { body, status, text } = answer;
    const before = outbound.acknowledged;
    if (status === 410) {
      shakeHands();
      return;
    }
    let received: number | undefined;
    if (body !== undefined) {
      const frame = readFrame(packer, body, maxMessageBytes);
      if (frame.type !== "ack") throw new TypeError(`not the answer to a POST: ${frame.type}`);
      received = frame.received;
      if (!outbound.acknowledge(received)) throw new TypeError("more acknowledged than sent");
    } else if (status === 409) {
      // Where the server has fewer than it had, it says so in the handshake.
      if (!outbound.resumeAt(Number(text))) {
        shakeHands();
        return;
      }
    } else if (status > 0 && status !== 429 && status < 500) {
      fail(answer);
      return;
    }
    const isAllThere = outbound.acknowledged === outbound.cursor;
    idlePosts = outbound.acknowledged > before ? 0 : idlePosts + 1;
    // What was not accepted goes again, with whatever has come since.
    outbound.resumeAt(outbound.acknowledged);
    if (isAllThere) {
      idlePosts = 0;
      flush();
    } else if (answer.retryMs || idlePosts >= MAX_POSTS) {
      fail(answer);
    } else {
      pause = clock.setTimeout(
        () => {
          pause = undefined;
          flush();
        },
        POST_AGAIN_MS * 2 ** idlePosts,
      );
    }
  }

  function shakeHands(): void {
    open = false;
    polling?.abort();
    polling = undefined;
    void pollAgain(false);
  }

  function fail({ retryMs, status }: HttpAnswer): void {
    link.closed({
      reason: status === 400 || status === 413 ? "protocol" : "unexpected",
      ...(status > 0 && { status }),
      ...(retryMs && { retryMs }),
    });
  }

  function protocolError(error: unknown): void {
    report(error, "protocol");
    stream.forget();
    link.closed({ reason: "protocol" });
  }

  function abandon(): void {
    ended = true;
    open = false;
    clock.clearTimeout(pause);
  }

  stream.whenSettled = () => {
    if (!polling) void pollAgain(false);
  };
  void poll();
  return {
    flush,
    check: () => {
      if (!polling || clock.now() - polledAt < handshakeTimeoutMs) return;
      polling.abort();
      void pollAgain(false);
    },
    close: () => {
      abandon();
      polling?.abort();
      posting?.abort();
    },
    abandon,
  };
}
