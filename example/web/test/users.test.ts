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

// Not the users of the test before, who are there until their grace is over, and by another transport.
test("shows who comes and goes, by which transport", async () => {
  const carol = await example.open({ transport: "ws" });
  await carol.connected();
  await carol.logIn("carol");
  const daves = await example.someone();
  const dave = await example.open({ by: daves, transport: "ajax" });
  await dave.connected();
  await dave.logIn("dave");
  await carol.people("carol", "dave");
  const list = carol.page.locator("#people");
  expect(await list.locator("li", { hasText: "dave" }).innerText()).toContain("polling");
  expect(await list.locator("li", { hasText: "carol" }).innerText()).toContain("you, WebSocket");

  await carol.click("Print");
  await carol.row({ kind: "received", id: "example/connected-users reply", data: 'any: ["carol", "dave"]' });
  await daves.close();
  await carol.people("carol");
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
