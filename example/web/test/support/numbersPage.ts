import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Page } from "playwright-core";
import type { Chsk, ChskState } from "sente-client";
import type { JavaServer } from "./javaServer.ts";
import type { PlainBrowser } from "./plainBrowser.ts";

const client = fileURLToPath(new URL("../../../../client-ts/dist", import.meta.url));

const html = `<!doctype html>
<title>Numbers</title>
<script type="module">
  import { connect } from "/index.js";

  const { type, uid } = Object.fromEntries(new URLSearchParams(location.search));
  const chsk = connect("/chsk", { type, params: { uid } });
  const heard = [];
  const lost = [];
  let said = 0;
  chsk.on("page/hear", (n) => heard.push(n));
  chsk.onState((state, previous) => {
    if (state.lost && state.lost !== previous.lost) lost.push(state.lost);
  });
  const say = (count) => {
    for (let i = 0; i < count; i++) if (!chsk.send("page/say", said++)) throw new Error("not taken");
  };
  globalThis.numbers = { chsk, heard, lost, say, count: () => said };
  addEventListener("pageshow", ({ persisted }) => (globalThis.numbers.isFromCache = persisted));
</script>
`;

declare global {
  /** What the page has for its tests. */
  var numbers: {
    chsk: Chsk;
    heard: number[];
    lost: NonNullable<ChskState["lost"]>[];
    say: (count: number) => void;
    /** How many numbers it has said. */
    count: () => number;
    isFromCache: boolean;
  };
}

/** A folder for the test server to serve: the client as built, and the page. */
export async function numbersFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sente-www-"));
  await cp(client, folder, { recursive: true });
  await writeFile(join(folder, "numbers.html"), html);
  return folder;
}

/** A page that says numbers to the test server, and hears numbers from it: each direction counts from 0. */
export class NumbersPage {
  readonly page: Page;
  readonly #server: JavaServer;
  readonly #uid: string;
  #pushed = 0;

  private constructor(page: Page, server: JavaServer, uid: string) {
    this.page = page;
    this.#server = server;
    this.#uid = uid;
  }

  static async open(
    browser: PlainBrowser,
    server: JavaServer,
    { uid, type, url = server.url }: { uid: string; type: "auto" | "ws" | "ajax"; url?: string },
  ): Promise<NumbersPage> {
    const page = await browser.context.newPage();
    await page.goto(`${url}numbers.html?type=${type}&uid=${uid}`);
    const numbers = new NumbersPage(page, server, uid);
    await numbers.isOpen();
    return numbers;
  }

  isOpen(by?: "ws" | "ajax"): Promise<unknown> {
    return this.page.waitForFunction((by) => {
      const state = globalThis.numbers?.chsk.state;
      return state?.open && (by === undefined || state.type === by);
    }, by);
  }

  isClosed(): Promise<unknown> {
    return this.page.waitForFunction(() => !globalThis.numbers.chsk.state.open);
  }

  /** The page says the next numbers. */
  say(count: number): Promise<void> {
    return this.page.evaluate((count) => globalThis.numbers.say(count), count);
  }

  /** The server says the next numbers. */
  async push(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.#control("push", { uid: `"${this.#uid}"`, ev: `[:page/hear ${this.#pushed++}]` });
    }
  }

  heard(): Promise<number[]> {
    return this.page.evaluate(() => globalThis.numbers.heard);
  }

  /** What the server's application has heard of the page. */
  async said(): Promise<number[]> {
    const log = (await this.#control("log", { since: "0" })).split("\n");
    const mine = log.filter((line) => line.includes(`:uid \\"${this.#uid}\\"`));
    return mine.flatMap((line) => /\[:page\/say (\d+)\]/.exec(line)?.[1] ?? []).map(Number);
  }

  /** Waits until all is there, and nothing is that should not be: so many numbers each way, once and in order. */
  async hasAll({ said, heard }: { said: number; heard: number }): Promise<void> {
    const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
    await expect.poll(() => this.heard(), { timeout: 40_000 }).toHaveLength(heard);
    // It is answered after all that was said before, either way: what has not come twice by then never will.
    await this.page.evaluate(() => globalThis.numbers.chsk.request("test/echo", 1, { timeoutMs: 40_000 }));
    expect(await this.heard()).toEqual(upTo(heard));
    expect(await this.said()).toEqual(upTo(said));
    expect(await this.page.evaluate(() => globalThis.numbers.lost)).toEqual([]);
  }

  /** Waits until the server has given up the page's connection, and its user is gone. */
  async isGone(): Promise<void> {
    await expect.poll(() => this.#control("uids", {}), { timeout: 20_000 }).not.toContain(`"${this.#uid}"`);
  }

  async #control(what: string, params: Record<string, string>): Promise<string> {
    const answer = await fetch(`${this.#server.url}ctl/${what}?${new URLSearchParams(params).toString()}`);
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    return text;
  }
}
