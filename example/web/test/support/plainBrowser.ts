import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext } from "playwright-core";

/**
 * A Chromium as people have it. Playwright's own keeps every page visible, so that none can be frozen, and has no
 * back/forward cache.
 */
export class PlainBrowser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #browser: Browser;

  private constructor(process: ChildProcess, profile: string, browser: Browser) {
    this.#process = process;
    this.#profile = profile;
    this.#browser = browser;
  }

  static async launch(): Promise<PlainBrowser> {
    const profile = await mkdtemp(join(tmpdir(), "sente-browser-"));
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"];
    const started = spawn(
      process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      [...flags, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let output = "";
    const address = await new Promise<string>((resolve, reject) => {
      started.stderr.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const [, found] = /listening on (ws:\S+)/.exec(output) ?? [];
        if (found) resolve(found);
      });
      started.on("error", reject);
      started.on("exit", (code) => reject(new Error(`the browser has ended (${code}):\n${output}`)));
    });
    return new PlainBrowser(started, profile, await chromium.connectOverCDP(address, { noDefaults: true }));
  }

  get context(): BrowserContext {
    const [context] = this.#browser.contexts();
    if (!context) throw new Error("the browser has a context from the beginning");
    return context;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, "exit");
      this.#process.kill();
      await exit;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
