import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultyProxy } from "./support/faultyProxy.ts";
import { withExample } from "./support/withExample.ts";

const example = withExample();
let proxy: FaultyProxy;

beforeEach(async () => {
  proxy = await FaultyProxy.before(example.server.port);
});
afterEach(() => proxy.close());

test("takes long-polling where WebSockets are refused", async () => {
  proxy.refusesWebSockets = true;
  const page = await example.open({ url: proxy.url });
  await page.connected({ by: "long-polling" });
  expect(proxy.refused).toBeGreaterThan(0);
  await page.sayAndHear("through the firewall");
  await page.click("100 quick events to each user");
  await page.row({ kind: "state", tone: "good", id: "All 100 came, in order" });
  await page.logIn("carol");
  await page.sayAndHear("as carol");
});

test("keeps trying where only a WebSocket will do", async () => {
  proxy.refusesWebSockets = true;
  const page = await example.open({ url: proxy.url, transport: "ws" });
  await page.row({ kind: "state", tone: "bad", id: "Attempt failed" });
  await page.badge("Reconnecting");
  expect(await page.text("fact-next")).toMatch(/^in \d+\.\d s$/);
  proxy.refusesWebSockets = false;
  await page.connected({ by: "WebSocket" });
  await page.sayAndHear("open at last");
});

for (const { transport, by } of [
  { transport: "ws", by: "WebSocket" },
  { transport: "ajax", by: "long-polling" },
] as const) {
  describe(`by ${by}`, () => {
    test("comes back, as the same user, after the network was cut", async () => {
      const page = await example.open({ url: proxy.url, transport });
      await page.connected({ by });
      await page.logIn("dave");
      proxy.cut();
      await page.row({ kind: "state", tone: "bad", id: "Connection lost" });
      await page.row({ kind: "state", tone: "bad", id: "Attempt failed" });
      await page.badge("Reconnecting");
      proxy.restore();
      await page.connected({ by, uid: "dave" });
      await page.sayAndHear("back again");
    });

    test("gets what was said while it was away, once and in order", async () => {
      const page = await example.open({ url: proxy.url, transport });
      await page.connected({ by });
      await page.logIn("ivan");
      const judy = await example.open();
      await judy.connected();
      await page.clear();
      proxy.cut();
      await page.row({ kind: "state", tone: "bad", id: "Connection lost" });
      const words = ["first", "second", "third"];
      for (const word of words) await judy.sayAndHear(word);
      proxy.restore();
      await page.connected({ by, uid: "ivan", timeout: 40_000 });
      await page.sayAndHear("what did I miss?");
      expect(await page.text("fact-session")).toBe("resumed");
      const heard = (await page.rows()).filter(({ id }) => id === "example/said").map(({ data }) => data);
      expect(heard.reverse().map((data) => /text: "(.*)"/.exec(data)?.[1])).toEqual([
        ...words,
        "what did I miss?",
      ]);
    });

    for (const how of ["stopped", "killed"] as const) {
      test(`comes back after the server was ${how} and started again`, async () => {
        const page = await example.open({ transport });
        await page.connected({ by });
        await page.logIn("erin");
        if (how === "killed") await example.server.kill();
        else await example.server.stop();
        await page.row({ kind: "state", tone: "bad", id: "Connection lost" });
        await example.server.start();
        // The example's sessions are in memory: the new server knows nobody.
        // Between attempts it may wait for up to 30 s by now.
        await page.connected({ uid: null, timeout: 40_000 });
        await page.sayAndHear("hello, new server");
        await page.logIn("erin");
        await page.sayAndHear("me again");
      });
    }
  });
}

test("stops within its grace, and says goodbye to those connected", async () => {
  const pages = [await example.open({ transport: "ws" }), await example.open({ transport: "ajax" })];
  await Promise.all(pages.map((page) => page.connected()));
  const code = await example.server.stop();
  expect([0, 130]).toContain(code);
  await Promise.all(pages.map((page) => page.row({ kind: "state", tone: "bad", id: "Connection lost" })));
  await example.server.start();
});
