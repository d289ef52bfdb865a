import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultyProxy } from "./support/faultyProxy.ts";
import { JavaServer } from "./support/javaServer.ts";
import { NumbersPage, numbersFolder } from "./support/numbersPage.ts";
import { PlainBrowser } from "./support/plainBrowser.ts";

/**
 * A tab that is frozen for a minute meets the server's usual times: pinged after 12.5 s, given up 10 s later, its user
 * gone after 2.5 s more, its session kept for two minutes. Here all but the last are short, so that the same has
 * happened to it as soon as the server says so.
 */
const impatient = [
  ...["--ws-kalive-ms", "400", "--ws-ping-timeout-ms", "400", "--lp-timeout-ms", "800"],
  ...["--ms-allow-reconnect-before-close-ws", "300", "--ms-allow-reconnect-before-close-ajax", "300"],
];

let browser: PlainBrowser;
let server: JavaServer;
let folder: string;
let page: NumbersPage | undefined;
let proxy: FaultyProxy | undefined;

beforeAll(async () => {
  folder = await numbersFolder();
  [browser, server] = await Promise.all([
    PlainBrowser.launch(),
    JavaServer.testServer("--packer", "json", "--www", folder, ...impatient),
  ]);
});
afterEach(async () => {
  await page?.page.close();
  await proxy?.close();
  page = proxy = undefined;
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

for (const [type, by] of [
  ["ws", "WebSocket"],
  ["ajax", "long-polling"],
] as const) {
  describe(`by ${by}, nothing is lost or repeated`, () => {
    const open = (what: string, url?: string): Promise<NumbersPage> =>
      NumbersPage.open(browser, server, { uid: `${what}-${type}`, type, ...(url ? { url } : {}) });

    test("where the tab was frozen until the server gave it up", async () => {
      page = await open("frozen");
      await page.push(2);
      await page.say(2);
      await page.hasAll({ said: 2, heard: 2 });

      const devTools = await browser.context.newCDPSession(page.page);
      await page.say(2);
      await devTools.send("Page.setWebLifecycleState", { state: "frozen" });
      expect(await page.page.evaluate(() => document.visibilityState)).toBe("hidden");
      await page.isGone();
      await page.push(20);
      expect(await page.heard()).toEqual([0, 1]);
      // The page believes in its connection still.
      await page.say(20);
      await devTools.send("Page.setWebLifecycleState", { state: "active" });

      await page.hasAll({ said: 24, heard: 22 });
    });

    test("where its user went to another page and back", async () => {
      page = await open("cached");
      await page.push(2);
      await page.say(2);
      await page.hasAll({ said: 2, heard: 2 });

      await page.say(2);
      await page.page.goto(`${server.url}ctl/now`);
      await page.isGone();
      await page.push(20);
      await page.page.goBack({ waitUntil: "commit" });

      await page.page.waitForFunction(() => globalThis.numbers?.isFromCache);
      await page.say(2);
      await page.hasAll({ said: 6, heard: 22 });
    });

    test("where it was offline, and online again", async () => {
      proxy = await FaultyProxy.before(server.port);
      page = await open("offline", proxy.url);
      await page.push(2);
      await page.say(2);
      await page.hasAll({ said: 2, heard: 2 });

      await page.say(2);
      proxy.cut();
      await browser.context.setOffline(true);
      await page.isClosed();
      await page.isGone();
      await page.push(20);
      await page.say(20);
      proxy.restore();
      await browser.context.setOffline(false);

      await page.hasAll({ said: 24, heard: 22 });
    });

    test("but what the server's end took with it, which the page is told", async () => {
      page = await open("killed");
      await page.say(2);
      await page.hasAll({ said: 2, heard: 0 });

      await server.kill();
      await page.isClosed();
      await page.say(20);
      await server.start();
      await page.isOpen();
      await page.push(20);

      await expect.poll(() => page?.heard()).toEqual(Array.from({ length: 20 }, (_, n) => n));
      await page.page.evaluate(() => globalThis.numbers.chsk.request("test/echo"));
      // The first two were the old server's; what it had heard, it had acknowledged.
      expect(await page.said()).toEqual(Array.from({ length: 20 }, (_, n) => 2 + n));
      expect(await page.page.evaluate(() => globalThis.numbers.lost.map(({ reason }) => reason))).toEqual([
        "unknown-session",
      ]);
    });
  });
}

test("goes over to a WebSocket as soon as the network lets it through, in the middle of everything", async () => {
  proxy = await FaultyProxy.before(server.port);
  proxy.refusesWebSockets = true;
  page = await NumbersPage.open(browser, server, { uid: "unblocked", type: "auto", url: proxy.url });
  await page.isOpen("ajax");

  await page.page.evaluate(() => {
    const timer = setInterval(() => {
      globalThis.numbers.say(1);
      if (globalThis.numbers.chsk.state.type === "ws") clearInterval(timer);
    }, 1);
  });
  await page.push(20);
  proxy.refusesWebSockets = false;
  // It would try by itself half a minute later; but a network that changes is worth an attempt at once.
  await page.page.evaluate(() => dispatchEvent(new Event("online")));
  const moved = page.isOpen("ws");
  await page.push(100);
  await moved;
  await page.push(20);
  await page.say(20);

  const said = await page.page.evaluate(() => globalThis.numbers.count());
  await page.hasAll({ said, heard: 140 });
});
