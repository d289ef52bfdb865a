import { expect, test } from "vitest";
import { Inbound } from "../../src/stream/inbound.js";

test("V7: exactly the next message is accepted, and what was seen before is dropped", () => {
  const inbound = new Inbound();
  expect([1, 2, 1, 2, 3].map((number) => inbound.accept(number))).toEqual([true, true, false, false, true]);
  expect(inbound.tell()).toBe(3);
});

test("V9: knows how many messages the peer has not been told of", () => {
  const inbound = new Inbound();
  for (let number = 1; number <= 3; number++) inbound.accept(number);
  expect(inbound.untold).toBe(3);
  expect(inbound.tell()).toBe(3);
  inbound.accept(4);
  expect(inbound.untold).toBe(1);
});
