import fc from "fast-check";
import { expect, test } from "vitest";
import { Outbound } from "../../src/stream/outbound.js";

interface Message {
  readonly text: string;
  readonly bytes: number;
}

/** The same object for the same text. */
const messages = new Map<string, Message>();

function m(text: string): Message {
  const message = messages.get(text) ?? { text, bytes: text.length };
  messages.set(text, message);
  return message;
}

function filled(count: number): Outbound<Message> {
  const outbound = new Outbound<Message>();
  for (let i = 1; i <= count; i++) outbound.append(m(`m${i}`), Infinity, Infinity);
  return outbound;
}

test("V6: messages are numbered from 1", () => {
  const outbound = filled(0);
  expect(outbound.last).toBe(0);
  expect(outbound.append(m("a"), 9, 9)).toBe(1);
  expect(outbound.append(m("b"), 9, 9)).toBe(2);
  expect([outbound.last, outbound.hasMore]).toEqual([2, true]);
});

test("takes at least one message, and more while they fit", () => {
  const outbound = filled(4);
  expect(outbound.take(0)).toEqual([m("m1")]);
  expect(outbound.take(5)).toEqual([m("m2"), m("m3")]);
  expect(outbound.cursor).toBe(3);
  expect(outbound.take(Infinity)).toEqual([m("m4")]);
  expect(outbound.take(Infinity)).toEqual([]);
});

test("V10: a message is kept until it is acknowledged, and an older acknowledgement changes nothing", () => {
  const outbound = filled(3);
  outbound.take(Infinity);
  expect(outbound.acknowledge(2)).toBe(true);
  expect(outbound.acknowledged).toBe(2);
  expect(outbound.acknowledge(1)).toBe(true);
  expect(outbound.acknowledged).toBe(2);
});

test("V10: what no connection was given cannot be acknowledged", () => {
  const outbound = filled(3);
  outbound.take(0);
  expect(outbound.acknowledge(2)).toBe(false);
  expect(outbound.acknowledged).toBe(0);
});

test("V14: a new connection gets what its peer has not", () => {
  const outbound = filled(4);
  outbound.take(Infinity);
  outbound.acknowledge(1);
  expect(outbound.resumeAt(2)).toBe(true);
  expect(outbound.take(Infinity)).toEqual([m("m3"), m("m4")]);
});

test("V12: no connection can begin before what was acknowledged, or after what was given", () => {
  const outbound = filled(4);
  outbound.take(5);
  outbound.acknowledge(1);
  expect(outbound.resumeAt(0)).toBe(false);
  expect(outbound.resumeAt(3)).toBe(false);
  expect([outbound.acknowledged, outbound.cursor]).toEqual([1, 2]);
});

test("V16: number and bytes are bounded, but a single message may be of any size", () => {
  const outbound = filled(0);
  expect(outbound.append(m("long"), 2, 3)).toBe(1);
  expect(outbound.append(m(""), 2, 3)).toBe(0);
  outbound.take(0);
  outbound.acknowledge(1);
  expect([
    outbound.append(m("a"), 2, 3),
    outbound.append(m("b"), 2, 3),
    outbound.append(m("c"), 2, 3),
  ]).toEqual([2, 3, 0]);
});

test("only what no connection was given can be taken back", () => {
  const outbound = filled(3);
  outbound.take(0);
  outbound.withdraw(m("m1"));
  outbound.withdraw(m("m2"));
  outbound.withdraw(m("other"));
  expect(outbound.last).toBe(2);
  expect(outbound.take(Infinity)).toEqual([m("m3")]);
});

test("V14: in the end, what was given is told from what was not, even when it is to be given again", () => {
  const outbound = filled(4);
  outbound.take(5);
  outbound.acknowledge(1);
  outbound.resumeAt(1);
  expect(outbound.drain()).toEqual([[m("m2")], [m("m3"), m("m4")]]);
  expect([outbound.last, outbound.hasMore]).toEqual([4, false]);
});

test("whatever happens, its counts stay in order and nothing is lost or repeated", () => {
  const command = fc.record({
    does: fc.constantFrom("append", "take", "acknowledge", "resume", "withdraw"),
    n: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const outbound = new Outbound<{ n: number; bytes: number }>();
      /** The messages by number. */
      const model: { n: number; bytes: number }[] = [];
      let at = 0;
      let given = 0;
      for (const { does, n } of commands) {
        if (does === "append") {
          const message = { n, bytes: 1 };
          model.push(message);
          expect(outbound.append(message, Infinity, Infinity)).toBe(model.length);
        } else if (does === "take") {
          const taken = outbound.take(n);
          expect(taken).toEqual(model.slice(at, at + taken.length));
          at += taken.length;
          given = Math.max(given, at);
        } else if (does === "acknowledge") {
          expect(outbound.acknowledge(n)).toBe(n <= given);
          if (n <= given) at = Math.max(at, n);
        } else if (does === "resume") {
          const before = outbound.acknowledged;
          expect(outbound.resumeAt(n)).toBe(n >= before && n <= given);
          if (n >= before && n <= given) at = n;
        } else {
          const message = model.at(-1);
          if (message && model.length > given) model.pop();
          if (message) outbound.withdraw(message);
        }
        const { acknowledged, cursor, last } = outbound;
        expect(cursor).toBe(at);
        expect(last).toBe(model.length);
        expect(acknowledged <= cursor && cursor <= last).toBe(true);
      }
    }),
  );
});
