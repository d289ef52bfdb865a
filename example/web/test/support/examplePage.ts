import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: flags });
}

export interface Row {
  kind: string;
  tone: string | null;
  id: string;
  data: string;
}

interface Connected {
  uid?: string | null;
  by?: "WebSocket" | "long-polling";
  timeout?: number;
}

/** A browser of one person: its tabs share a session. */
export async function newBrowserOf(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  return context;
}

/** The page as a person uses it: by what is to be read and clicked on it. */
export class ExamplePage {
  readonly page: Page;
  /** What the browser complained of: broken rules of the CSP, errors that nobody caught. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      const text = message.text();
      // That the network failed is what some tests are about.
      const isNetwork = /Failed to fetch|status 5\d\d|network/i.test(text);
      if (/Content Security Policy|Uncaught|sente:/.test(text) && !isNetwork) this.complaints.push(text);
    });
  }

  static async open(
    context: BrowserContext,
    url: string,
    { transport = "auto", packer = "json", measure = false } = {},
  ): Promise<ExamplePage> {
    const example = new ExamplePage(await context.newPage());
    await example.page.goto(`${url}?transport=${transport}&packer=${packer}`);
    if (!measure) await example.page.getByLabel("Every second").uncheck();
    return example;
  }

  click(name: string): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Waits until the badge says that the connection is open, for this user (null for nobody) by this transport. */
  async connected({ uid, by, timeout }: Connected = {}): Promise<void> {
    await this.page.waitForFunction(
      ([uid, by]) => {
        const text = (id: string): string => document.getElementById(id)?.textContent ?? "";
        const [transport, user] = text("badge-more").split(" · ");
        const isOpen = text("badge-state") === "Connected";
        return (
          isOpen &&
          (by === undefined || transport === by) &&
          (uid === undefined || user === (uid ?? "nobody"))
        );
      },
      [uid, by] as const,
      timeout === undefined ? {} : { timeout },
    );
  }

  /** Waits for a connection, and helps it along as an impatient person does. */
  async connectedByForce(): Promise<void> {
    const isOpen = (): Promise<boolean> =>
      this.connected({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    while (!(await isOpen())) await this.click("Reconnect");
  }

  async badge(text: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => document.getElementById("badge-state")?.textContent === wanted,
      text,
    );
  }

  async logIn(uid: string): Promise<void> {
    await this.page.getByLabel("User id").fill(uid);
    await this.click("Log in");
    await this.connected({ uid });
  }

  async say(text: string, to = ""): Promise<void> {
    await this.page.getByLabel("Text").fill(text);
    await this.page.getByLabel("To", { exact: true }).selectOption(to);
    await this.click("Send and await reply");
  }

  /** Says something of which there is nothing else alike, and waits for the server's reply to it. */
  async sayAndHear(text: string): Promise<void> {
    await this.say(text);
    await this.row({ kind: "sent", id: "example/say", data: text });
    await this.row({ kind: "received", id: "example/say reply", data: "said to everyone" });
    await this.row({ kind: "received", id: "example/said", data: text });
  }

  /** Waits for a row of the stream that has all this in it. */
  async row(wanted: Partial<Row>, options: { timeout?: number } = {}): Promise<void> {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll<HTMLElement>("#stream > li")].some(
          (row) =>
            (wanted.kind ?? row.dataset["kind"]) === row.dataset["kind"] &&
            (wanted.tone ?? row.dataset["tone"]) === row.dataset["tone"] &&
            (row.querySelector(".id")?.textContent ?? "").includes(wanted.id ?? "") &&
            (row.querySelector(".data")?.textContent ?? "").includes(wanted.data ?? ""),
        ),
      wanted,
      options,
    );
  }

  /** Whether such a row comes within a second or two. */
  shows(wanted: Partial<Row>): Promise<boolean> {
    return this.row(wanted, { timeout: 1500 }).then(
      () => true,
      () => false,
    );
  }

  /** The rows of the stream, the newest first. */
  rows(): Promise<Row[]> {
    return this.page.$$eval("#stream > li", (rows) =>
      rows.map((row) => ({
        kind: (row as HTMLElement).dataset["kind"] ?? "",
        tone: (row as HTMLElement).dataset["tone"] ?? null,
        id: row.querySelector(".id")?.textContent ?? "",
        data: row.querySelector(".data")?.textContent ?? "",
      })),
    );
  }

  async clear(): Promise<void> {
    await this.click("Clear");
    await this.page.waitForFunction(() => document.getElementById("stream")?.childElementCount === 0);
  }

  /** Waits until exactly these users are shown as connected. */
  async people(...uids: string[]): Promise<void> {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll("#people .name")].map((name) => name.textContent).join() === wanted,
      uids.sort().join(),
    );
  }

  text(id: string): Promise<string> {
    return this.page.locator(`#${id}`).innerText();
  }
}
