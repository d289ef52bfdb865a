import { describe, expect, test } from "vitest";
import { withExample } from "./support/withExample.ts";

const example = withExample();

const transports = [
  { transport: "ws", by: "WebSocket" },
  { transport: "ajax", by: "long-polling" },
] as const;

for (const { transport, by } of transports) {
  describe(`by ${by}`, () => {
    for (const packer of ["json", "edn"] as const) {
      test(`sends with and without reply, packed as ${packer}`, async () => {
        const page = await example.open({ transport, packer });
        await page.connected({ by, uid: null });
        await page.sayAndHear("first");
        await page.page.getByLabel("Text").fill("second");
        await page.click("Send");
        await page.row({ kind: "received", id: "example/said", data: "second" });
        const replies = (await page.rows()).filter(({ id }) => id === "example/say reply");
        expect(replies).toHaveLength(1);
        expect(await page.text("fact-packer")).toBe(packer);
      });
    }

    test("gets a hundred quick events in order", async () => {
      const page = await example.open({ transport });
      await page.connected({ by });
      await page.click("100 quick events to each user");
      await page.row({ kind: "state", tone: "good", id: "All 100 came, in order" });
      const numbers = (await page.rows())
        .filter(({ id }) => id === "example/quick")
        .map(({ data }) => Number(/n: (\d+)/.exec(data)?.[1]));
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => 100 - i));
    });

    test("switches the broadcast loop on and off, for every page", async () => {
      const page = await example.open({ transport });
      const other = await example.open({ transport });
      await Promise.all([page.connected({ by }), other.connected({ by })]);
      const loop = other.page.getByLabel("Broadcast loop");
      await page.page.getByLabel("Broadcast loop").check();
      await page.row({ kind: "received", id: "example/tick" });
      await other.row({ kind: "received", id: "example/tick" });
      expect(await loop.isChecked()).toBe(true);
      await loop.uncheck();
      await page.row({ kind: "received", id: "example/settings", data: "broadcastLoop: false" });
      expect(await page.page.getByLabel("Broadcast loop").isChecked()).toBe(false);
    });

    test("disconnects, connects, reconnects", async () => {
      const page = await example.open({ transport });
      await page.connected({ by });
      await page.click("Disconnect");
      await page.badge("Disconnected");
      expect(await page.text("fact-close")).toContain("requested disconnect");
      await page.click("Send");
      await page.row({ kind: "sent", tone: "bad", id: "not taken" });
      await page.click("Connect");
      await page.connected({ by });
      await page.click("Reconnect");
      await page.row({ kind: "state", id: "Closed", data: "requested reconnect" });
      await page.connected({ by });
      await page.sayAndHear("after all that");
    });

    for (const name of ["Break with close", "Break without close"]) {
      test(`comes back after "${name}"`, async () => {
        const page = await example.open({ transport });
        await page.connected({ by });
        await page.sayAndHear("before");
        await page.clear();
        await page.click(name);
        await page.row({ kind: "state", tone: "bad", id: "Connection lost" });
        await page.row({ kind: "state", tone: "good", id: `Connected by ${by}` });
        await page.sayAndHear("after");
      });
    }

    test("logs in and out, which changes the user id", async () => {
      const page = await example.open({ transport });
      await page.connected({ by, uid: null });
      await page.logIn("alice");
      expect(await page.text("fact-uid")).toBe("alice");
      await page.people("alice");
      await page.click("Log out");
      await page.connected({ by, uid: null });
      await page.people();
    });

    test("logs in ten times in a row", async () => {
      const page = await example.open({ transport });
      await page.connected({ by });
      await page.page.getByLabel("User id").fill("player");
      await page.click("Log in ten times in a row");
      await page.page.getByText(/10 of 10, median/).waitFor();
      await page.connected({ by, uid: "player" });
      await page.sayAndHear("the tenth");
    });
  });
}

test("changes transport and packer on the way", async () => {
  const page = await example.open({ transport: "ws" });
  await page.connected({ by: "WebSocket" });
  await page.page.getByRole("radio", { name: "Polling" }).check();
  await page.connected({ by: "long-polling" });
  await page.page.getByRole("radio", { name: "edn" }).check();
  await page.page.waitForFunction(() => document.getElementById("fact-packer")?.textContent === "edn");
  await page.connected({ by: "long-polling" });
  await page.sayAndHear("(edn ünd nöch)");
  await page.page.getByRole("radio", { name: "Auto" }).check();
  await page.connected({ by: "WebSocket" });
  await page.sayAndHear("by WebSocket again");
  await page.page.reload();
  await page.connected({ by: "WebSocket" });
  expect(await page.text("fact-packer")).toBe("edn");
});
