import { expect, test } from "vitest";
import { withExample } from "./support/withExample.ts";

const example = withExample();

test("two tabs of a user both get what is sent to the user, another user does not", async () => {
  const alices = await example.someone();
  const first = await example.open({ by: alices, transport: "ws" });
  await first.connected();
  await first.logIn("alice");
  const second = await example.open({ by: alices, transport: "ajax" });
  await second.connected({ uid: "alice", by: "long-polling" });
  const bob = await example.open({ transport: "ws" });
  await bob.connected();
  await bob.logIn("bob");
  await bob.people("alice", "bob");

  await bob.say("only for alice", "alice");
  await first.row({ kind: "received", id: "example/said", data: "only for alice" });
  await second.row({ kind: "received", id: "example/said", data: "only for alice" });
  // What comes after it has come, so it has not.
  await bob.sayAndHear("for everyone");
  expect(await bob.rows()).not.toContainEqual(
    expect.objectContaining({
      id: "example/said",
      data: expect.stringContaining("only for alice") as string,
    }),
  );
});

test("shows who comes and goes, by which transport", async () => {
  const alice = await example.open({ transport: "ws" });
  await alice.connected();
  await alice.logIn("alice");
  const bobs = await example.someone();
  const bob = await example.open({ by: bobs, transport: "ajax" });
  await bob.connected();
  await bob.logIn("bob");
  await alice.people("alice", "bob");
  const list = alice.page.locator("#people");
  expect(await list.locator("li", { hasText: "bob" }).innerText()).toContain("polling");
  expect(await list.locator("li", { hasText: "alice" }).innerText()).toContain("you, WebSocket");

  await alice.click("Print");
  await alice.row({ kind: "received", id: "example/connected-users reply", data: 'any: ["alice", "bob"]' });
  await bobs.close();
  await alice.people("alice");
});

test("a second tab has the user of the first", async () => {
  const browser = await example.someone();
  const first = await example.open({ by: browser });
  await first.connected({ uid: null });
  await first.logIn("frank");
  const second = await example.open({ by: browser });
  await second.connected({ uid: "frank" });
  await second.click("Log out");
  await second.connected({ uid: null });
  // The first keeps the user it was opened for until it opens anew, and then finds the new session by itself.
  await first.connected({ uid: "frank" });
  await first.click("Reconnect");
  await first.connected({ uid: null });
});
