import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { ExamplePage, launchBrowser, newBrowserOf } from "./examplePage.ts";
import { JavaServer } from "./javaServer.ts";

/** What a test file works with: a server, and as many people with browsers as it likes. */
export interface Example {
  server: JavaServer;
  /** A browser of its own, closed after the test. */
  someone(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of that browser, or of a new one. After the test it must not have complained of anything. */
  open(how?: {
    by?: BrowserContext;
    url?: string;
    transport?: "auto" | "ws" | "ajax";
    packer?: "json" | "edn";
    measure?: boolean;
  }): Promise<ExamplePage>;
}

/** A server and a browser for the tests of a file. */
export function withExample(): Example {
  let browser: Browser | undefined;
  let server: JavaServer | undefined;
  const contexts: BrowserContext[] = [];
  const pages: ExamplePage[] = [];

  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), JavaServer.example()]);
  });
  afterEach(async () => {
    const complaints = pages.splice(0).flatMap((page) => page.complaints);
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const someone = async (options?: BrowserContextOptions): Promise<BrowserContext> => {
    if (!browser) throw new Error("the browser starts before the first test");
    const context = await newBrowserOf(browser, options);
    contexts.push(context);
    return context;
  };
  return {
    get server() {
      if (!server) throw new Error("the server starts before the first test");
      return server;
    },
    someone,
    async open({ by, url, ...options } = {}) {
      const page = await ExamplePage.open(by ?? (await someone()), url ?? this.server.url, options);
      pages.push(page);
      return page;
    },
  };
}
