import { afterEach, describe, expect, test, vi } from "vitest";
import { connect } from "../src/index.js";
import { FakeClock, FakeSocket, required, settle, start, startOpen } from "./support/fakes.js";

describe("in a browser", () => {
  afterEach(() => vi.unstubAllGlobals());

  function page(): { window: EventTarget; document: EventTarget & { visibilityState: string } } {
    const window = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
    vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
    vi.stubGlobal("document", document);
    vi.stubGlobal("location", new URL("https://example.org/page?x=1"));
    return { window, document };
  }

  test("being online again, or visible, ends the wait", async () => {
    const { window, document } = page();
    const { chsk, sockets, socket } = await startOpen();
    socket().drop();
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(sockets).toHaveLength(2);

    socket().open();
    socket().drop();
    document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(sockets).toHaveLength(2);
    document.visibilityState = "visible";
    document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(sockets).toHaveLength(3);

    chsk.disconnect();
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(sockets).toHaveLength(3);
  });

  test("a connection of which nothing has been heard lately is put to the test", async () => {
    const { window } = page();
    const { clock, chsk, socket } = await startOpen();
    window.dispatchEvent(new Event("online"));
    expect(socket().sent).toEqual([]);
    await clock.advance(5_000);
    window.dispatchEvent(new Event("online"));
    expect(socket().sent).toEqual(['[["chsk/ws-ping"],"ping"]']);
    await clock.advance(5_000);
    expect(chsk.state.lastClose).toMatchObject({ reason: "ws-ping-timeout" });
  });

  test("a path is enough of a url", async () => {
    page();
    const urls: string[] = [];
    class Socket extends FakeSocket {
      constructor(...args: ConstructorParameters<typeof FakeSocket>) {
        super(...args);
        urls.push(this.url);
      }
    }
    const chsk = connect("/chsk?a=1#hash", { WebSocket: Socket, clientId: "c", clock: new FakeClock() });
    await settle();
    chsk.disconnect();
    expect(urls).toEqual(["wss://example.org/chsk?a=1&client-id=c&packer=json&received=0"]);
  });
});

test("elsewhere a url must be whole, of either scheme", async () => {
  expect(() => connect("/chsk")).toThrow(TypeError);
  const { gets } = await start({ type: "ajax" });
  expect(required(gets()[0]).url.protocol).toBe("https:");
});
