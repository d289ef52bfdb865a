import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { withExample } from "./support/withExample.ts";

const example = withExample();
const screenshots = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

test("filters, pauses, clears and unfolds the stream", async () => {
  const page = await example.open();
  await page.connected();
  await page.sayAndHear("needle");
  await page.sayAndHear("hay");
  const filter = page.page.getByPlaceholder("Filter by id or data");
  await filter.fill("needle");
  await page.page.waitForFunction(() => document.getElementById("stream")?.childElementCount === 2);
  await filter.fill("nothing has this");
  await page.page.getByText("Nothing matches the filter.").waitFor();
  await filter.fill("");
  await page.page.getByLabel("Received", { exact: true }).uncheck();
  expect((await page.rows()).map(({ kind }) => kind)).not.toContain("received");
  await page.page.getByLabel("Received", { exact: true }).check();

  await page.click("Pause");
  const before = (await page.rows()).length;
  await page.say("while paused");
  await page.page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await page.rows()).toHaveLength(before);
  await page.click("Resume");
  await page.row({ kind: "received", id: "example/said", data: "while paused" });

  const said = page.page.locator("#stream li", { hasText: "example/said" }).first();
  await said.locator("summary").click();
  await said.locator("pre").waitFor();
  expect(await said.locator("pre").innerText()).toContain('"text": "while paused"');
  await page.clear();
  await page.page.getByText("Nothing to show yet.").waitFor();
});

test("keeps no more than 500 events", async () => {
  const page = await example.open();
  await page.connected();
  for (let i = 0; i < 6; i++) {
    await page.clear();
    await page.click("100 quick events to each user");
    await page.row({ kind: "state", id: "All 100 came" });
  }
  await page.page.getByLabel("Text").fill("the last");
  for (let i = 0; i < 5; i++) await page.click("100 quick events to each user");
  await page.sayAndHear("the last");
  await page.page.waitForFunction(() => document.getElementById("stream")?.childElementCount === 500);
});

test("measures round trips, and draws them", async () => {
  const page = await example.open({ measure: true });
  await page.connected();
  await page.page.waitForFunction(() => document.querySelectorAll("#plot rect.ws").length >= 3);
  expect(await page.text("rtt-median")).toMatch(/ms$/);
  expect(await page.page.locator("#plot svg").getAttribute("aria-label")).toMatch(/round trips: median/);
  await page.page.getByLabel("Pings", { exact: true }).check();
  await page.row({ kind: "ping", id: "example/ping reply" });
});

test("sets the log level for all", async () => {
  const page = await example.open();
  const other = await example.open();
  await Promise.all([page.connected(), other.connected()]);
  await page.page.getByLabel("Log level").selectOption("debug");
  await other.row({ kind: "received", id: "example/settings", data: "debug" });
  expect(await other.page.getByLabel("Log level").inputValue()).toBe("debug");
  await other.page.getByLabel("Log level").selectOption("warn");
  await page.row({ kind: "received", id: "example/settings", data: "warn" });
});

test("every control can be reached by the keyboard and has a name", async () => {
  const page = await example.open({ measure: true });
  await page.connected();
  const nameless = await page.page.$$eval("button, input, select", (controls) =>
    controls
      .filter((control) => {
        const { labels } = control as HTMLInputElement;
        return !(
          control.textContent?.trim() || [...(labels ?? [])].some((label) => label.textContent?.trim())
        );
      })
      .map((control) => control.outerHTML),
  );
  expect(nameless).toEqual([]);
  await page.page.keyboard.press("Tab");
  expect(await page.page.evaluate(() => document.activeElement?.className)).toBe("skip");
  expect(await page.page.locator("#announcer").innerText()).toContain("Connected by WebSocket");
});

for (const scheme of ["light", "dark"] as const) {
  describe(`in ${scheme} colours`, () => {
    test("all text is legible", async () => {
      const page = await example.open({ by: await example.someone({ colorScheme: scheme }) });
      await page.connected();
      expect(await page.page.evaluate(contrasts)).toEqual([]);
    });

    for (const [shape, width, height] of [
      ["wide", 1440, 900],
      ["narrow", 390, 844],
    ] as const) {
      test(`fits a ${shape} screen, as its screenshot shows`, async () => {
        const context = await example.someone({ colorScheme: scheme, viewport: { width, height } });
        const page = await example.open({ by: context, measure: true });
        const other = await example.open({ transport: "ajax" });
        await Promise.all([page.connected(), other.connected()]);
        await page.logIn("alice");
        await other.logIn("bob");
        await page.people("alice", "bob");
        await page.click("100 quick events to each user");
        await page.row({ id: "All 100 came" });
        await other.say("Your move", "alice");
        await page.row({ id: "example/said", data: "bob" });
        await page.sayAndHear("Sente!");
        await page.click("Break with close");
        await page.row({ id: "Connection lost" });
        await page.connected();
        await page.page.waitForFunction(() => document.querySelectorAll("#plot rect").length >= 6);
        const overflow = await page.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
        await mkdir(screenshots, { recursive: true });
        await page.page.screenshot({
          path: `${screenshots}example-${scheme}-${shape}.png`,
          fullPage: shape === "narrow",
        });
      });
    }
  });
}

/** Runs in the page: pairs of text and background whose contrast is below 4.5 to 1 (WCAG 2.2, AA). */
function contrasts(): string[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) throw new Error("no canvas");
  const rgb = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = rgb(colour).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element: Element | null): string => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((rgb(colour)[3] ?? 0) > 0) return colour;
    }
    return "white";
  };
  const bad: string[] = [];
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (
      !hasText ||
      element.matches(":disabled, noscript, script, option, .unseen") ||
      !element.checkVisibility()
    )
      continue;
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(background(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) bad.push(`${contrast.toFixed(2)}: ${element.textContent?.trim().slice(0, 40)}`);
  }
  return bad;
}
