import { expect, test } from "vitest";
import { withExample } from "./support/withExample.ts";

// A file, so a server, of its own: a setting is for all, and this one would fail everybody's tests.
const example = withExample();

for (const [transport, by] of [
  ["ws", "WebSocket"],
  ["ajax", "long-polling"],
] as const) {
  test(`stays usable by ${by} on a server that cuts connections`, async () => {
    const page = await example.open({ transport, measure: true });
    await page.connected({ by });
    const rate = page.page.getByLabel("Bad connections");
    await rate.fill("30");
    await page.page.getByLabel("Pings", { exact: true }).check();
    await page.row({ tone: "bad" });

    // What sets it back may be cut like all else, so try until it is done.
    let isDone = false;
    while (!isDone) {
      await page.connectedByForce();
      await rate.fill("0");
      await rate.dispatchEvent("change");
      isDone = await page.shows({ id: "example/bad-connections reply", data: "badConnectionPercent: 0" });
    }
    await page.connectedByForce();
    await page.clear();
    await page.sayAndHear("all is well");
    expect(await page.text("bad-rate-shown")).toBe("0 %");
  });
}
