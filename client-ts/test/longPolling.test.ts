import { describe, expect, test } from "vitest";
import { required, settle, start, startPolling } from "./support/fakes.js";

const HANDSHAKE = [["chsk/handshake", ["alice", null, null]], null];
const DUMMY = ["chsk/dummy-cb-200", null];

describe("polling", () => {
  test("the first request asks for a handshake, the later ones wait for pushes", async () => {
    const { chsk, clock, gets } = await start({
      type: "ajax",
      params: { uid: "dave", foo: "b&r" },
      csrfToken: "tok-1234",
    });
    const udt = clock.now();
    const first = required(gets()[0]);
    expect(first.url.href).toBe(
      `https://example.org/chsk?uid=dave&foo=b%26r&udt=${udt}&client-id=client-A&handshake%3F=1&packer=json`,
    );
    expect(first.headers).toEqual({ "x-csrf-token": "tok-1234", "x-requested-with": "XMLHTTPRequest" });
    expect(first.credentials).toBe("same-origin");
    await clock.advance(10);
    await first.json(HANDSHAKE);
    expect(chsk.state).toMatchObject({ type: "ajax", open: true, uid: "alice" });
    expect(required(gets()[1]).url.search).toBe(
      `?uid=dave&foo=b%26r&udt=${udt + 10}&client-id=client-A&packer=json`,
    );
  });

  test("pushes are delivered, and a poll whose time is up is followed by the next", async () => {
    const { chsk, gets } = await startPolling();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => heard.push(data));
    await required(gets()[1]).json([
      [
        ["a/b", 1],
        ["a/b", 2],
      ],
      null,
    ]);
    await required(gets()[2]).json(["chsk/timeout", null]);
    await required(gets()[3]).json([[["a/b", 3]], null]);
    expect(heard).toEqual([1, 2, 3]);
    expect(gets()).toHaveLength(5);
  });

  test("a handshake in the middle is taken over", async () => {
    const { chsk, clock, gets } = await startPolling();
    await clock.advance(1_000);
    await required(gets()[1]).json([["chsk/handshake", ["bob", null, 7]], null]);
    expect(chsk.state).toMatchObject({ open: true, firstOpen: true, uid: "bob", handshakeData: 7 });
    expect(gets()).toHaveLength(3);
  });

  test("one after the other has a pause between, as where requests go to different servers", async () => {
    const { chsk, clock, gets } = await startPolling();
    await required(gets()[1]).json([["chsk/handshake", ["bob", null, 7]], null]);
    expect(chsk.state).toMatchObject({ open: false, uid: "bob", lastClose: { reason: "unexpected" } });
    expect(gets()).toHaveLength(2);
    await clock.advance(125);
    expect(gets()).toHaveLength(3);
  });

  test("a poll that breaks is followed by a new handshake after a wait", async () => {
    const { chsk, clock, gets } = await startPolling();
    await required(gets()[1]).fail();
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", type: "ajax" } });
    await clock.advance(124);
    expect(gets()).toHaveLength(2);
    await clock.advance(1);
    expect(required(gets()[2]).url.searchParams.get("handshake?")).toBe("1");
  });

  test("a poll that is never answered is given up after 60 s, a handshake after 20 s", async () => {
    const { chsk, clock, gets } = await startPolling();
    await clock.advance(59_999);
    expect(chsk.state.open).toBe(true);
    await clock.advance(1);
    expect(required(gets()[1]).isAborted()).toBe(true);
    expect(chsk.state.open).toBe(false);
    await clock.advance(125 + 20_000);
    expect(required(gets()[2]).isAborted()).toBe(true);
    expect(chsk.state.lastClose).toMatchObject({ reason: "handshake-timeout" });
  });

  test.each([401, 403])("%i to the handshake is final", async (status) => {
    const { chsk, clock, gets } = await start({ type: "ajax" });
    await required(gets()[0]).answer("Bad CSRF token", status);
    expect(chsk.state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "refused", status },
    });
    await clock.advance(3_600_000);
    expect(gets()).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  test.each([401, 403])("%i later is answered with a fresh handshake and token", async (status) => {
    for (const isPost of [false, true]) {
      const tokens = ["T1", "T2"];
      const { chsk, clock, gets, posts } = await startPolling({ csrfToken: () => tokens.shift() });
      if (isPost) chsk.send("a/b");
      await required(isPost ? posts()[0] : gets()[1]).answer("", status);
      expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status } });
      await clock.advance(250);
      expect(gets()[2]?.url.searchParams.has("handshake?")).toBe(true);
      expect(gets()[2]?.headers).toMatchObject({ "x-csrf-token": "T2" });
    }
  });

  test("auto sees the refusal that its WebSocket could not", async () => {
    const { chsk, gets, socket } = await start();
    socket().drop();
    await settle();
    await required(gets()[0]).answer("Unauthorized origin", 403);
    expect(chsk.state).toMatchObject({ type: "ajax", lastClose: { reason: "refused", status: 403 } });
  });

  test.each(["<html>log in</html>", "", "[]", "{}", '["chsk/unknown",null]'])(
    "an answer that is none ends the connection: %j",
    async (text) => {
      const { chsk, clock, errors, gets } = await startPolling();
      await required(gets()[1]).answer(text);
      expect(errors).toMatchObject([{ where: "frame" }]);
      expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status: 200 } });
      await clock.advance(125);
      await required(gets()[2]).answer(text);
      expect(chsk.state.open).toBe(false);
      await clock.advance(250);
      expect(gets()).toHaveLength(4);
    },
  );

  test("a push is no handshake", async () => {
    const { chsk, errors, gets } = await start({ type: "ajax" });
    await required(gets()[0]).json([[["a/b", 1]], null]);
    expect(errors).toMatchObject([{ error: { message: "not a handshake" } }]);
    expect(chsk.state.open).toBe(false);
  });

  test("disconnect gives up every request and leaves no timer", async () => {
    const { chsk, clock, requests } = await startPolling();
    void chsk.request("a/b").catch(() => undefined);
    chsk.send("a/b");
    chsk.disconnect();
    await settle();
    expect(requests.slice(1).every((request) => request.isAborted())).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test("breakConnection, with and without a word", async () => {
    const { chsk, clock, gets } = await startPolling();
    chsk.breakConnection();
    expect(required(gets()[1]).isAborted()).toBe(true);
    await clock.advance(125);
    await required(gets()[2]).json(HANDSHAKE);
    chsk.breakConnection({ close: false });
    expect(required(gets()[3]).isAborted()).toBe(false);
    await clock.advance(250);
    await required(gets()[4]).json(HANDSHAKE);
    await required(gets()[3]).json([[["a/b"]], null]);
    expect(chsk.state.open).toBe(true);
    expect(gets()).toHaveLength(6);
  });
});

describe("posting", () => {
  test("an event is a form", async () => {
    const { chsk, clock, posts } = await startPolling({
      csrfToken: "tok",
      credentials: "include",
      params: { uid: "x" },
    });
    chsk.send("a/b", { text: "ü&?\uD800" });
    const post = required(posts()[0]);
    expect(post.url.href).toBe("https://example.org/chsk");
    expect(post.headers).toEqual({
      "x-csrf-token": "tok",
      "x-requested-with": "XMLHTTPRequest",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    });
    expect(post.credentials).toBe("include");
    expect(post.body).toBe(
      `udt=${clock.now()}&client-id=client-A&packer=json&ppstr=${encodeURIComponent('[["a/b",{"text":"ü&?\\ud800"}],null]')}`,
    );
  });

  test("a binary packer's event is a body of bytes", async () => {
    const { chsk, clock, posts } = await start({
      type: "ajax",
      packer: {
        name: "bytes",
        binary: true,
        pack: (value) => new TextEncoder().encode(JSON.stringify(value)),
        unpack: (packed) => JSON.parse(new TextDecoder().decode(packed as Uint8Array)) as unknown,
      },
    }).then(async (world) => {
      await required(world.gets()[0]).json(HANDSHAKE);
      return world;
    });
    const answer = chsk.request("a/b");
    const post = required(posts()[0]);
    expect(post.url.search).toBe(`?udt=${clock.now()}&client-id=client-A&packer=bytes&binary%3F=true`);
    expect(post.headers["content-type"]).toBe("application/octet-stream");
    expect(new TextDecoder().decode(post.body as Uint8Array)).toBe('[["a/b"],"ajax"]');
    await post.json([5, null]);
    expect(await answer).toBe(5);
  });

  test("events go one after the other, in the order sent", async () => {
    const { chsk, posts } = await startPolling();
    for (let i = 0; i < 3; i++) chsk.send("a/b", i);
    const packed: string[] = [];
    for (let i = 0; i < 3; i++) {
      expect(posts()).toHaveLength(i + 1);
      packed.push(required(posts()[i]).packed);
      await required(posts()[i]).json(DUMMY);
    }
    expect(packed).toEqual([0, 1, 2].map((i) => `[["a/b",${i}],null]`));
  });

  test("a slow answer holds up the next by 300 ms, not by its own time", async () => {
    const { chsk, clock, posts } = await startPolling();
    const slow = chsk.request("a/slow");
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    await clock.advance(299);
    expect(posts()).toHaveLength(1);
    await clock.advance(1);
    expect(posts()).toHaveLength(2);
    await required(posts()[1]).json(DUMMY);
    expect(posts()).toHaveLength(3);
    await required(posts()[0]).json(["done", null]);
    expect(await slow).toBe("done");
  });

  test("a fast answer holds up nothing", async () => {
    const { chsk, posts } = await startPolling();
    const answers = [chsk.request("a/b", 1), chsk.request("a/b", 2)];
    await required(posts()[0]).json([1, null]);
    await required(posts()[1]).json([2, null]);
    expect(await Promise.all(answers)).toEqual([1, 2]);
  });

  test("at most four are under way", async () => {
    const { chsk, clock, posts } = await startPolling();
    const answers = Array.from({ length: 6 }, (_, i) =>
      chsk.request("a/b", i, { timeoutMs: 9_000 }).catch((e: unknown) => e),
    );
    await clock.advance(3_000);
    expect(posts()).toHaveLength(4);
    await required(posts()[1]).json([1, null]);
    expect(posts()).toHaveLength(5);
    await clock.advance(6_000);
    expect(await Promise.all(answers)).toMatchObject([
      { kind: "timeout" },
      1,
      ...Array<object>(4).fill({ kind: "timeout" }),
    ]);
    expect(required(posts()[0]).isAborted()).toBe(true);
    expect(chsk.state.open).toBe(true);
  });

  test("a request given up makes room for what waits behind it", async () => {
    const { chsk, clock, posts } = await startPolling();
    const answer = chsk.request("a/b", 0, { timeoutMs: 100 });
    chsk.send("a/b", 1);
    const seen = expect(answer).rejects.toMatchObject({ kind: "timeout" });
    await clock.advance(100);
    await seen;
    expect(posts()).toHaveLength(2);
  });

  test("the server's ways of saying that there is no answer", async () => {
    const { chsk, errors, posts } = await startPolling();
    const ask = async (body: string, status = 200): Promise<unknown> => {
      const answer = chsk.request("a/b").catch((error: unknown) => error);
      await required(posts().at(-1)).answer(body, status);
      return answer;
    };
    expect(await ask('["chsk/timeout",null]')).toMatchObject({ kind: "timeout" });
    expect(await ask('["chsk/error",null]')).toMatchObject({ kind: "remote" });
    expect(await ask('[{"code":"handler-error"},null]')).toMatchObject({
      kind: "remote",
      detail: { code: "handler-error" },
    });
    expect(await ask('[{"code":"other"},null]')).toEqual({ code: "other" });
    expect(await ask("sorry", 500)).toMatchObject({ kind: "remote", detail: 500 });
    expect(await ask("sorry", 413)).toMatchObject({ kind: "remote", detail: 413 });
    expect(await ask("<html>")).toMatchObject({ kind: "remote", detail: 200 });
    expect(errors).toEqual([]);
    expect(chsk.state.open).toBe(true);
  });

  test("an event that the server cannot take is reported", async () => {
    const { chsk, errors, posts } = await startPolling();
    chsk.send("a/b");
    await required(posts()[0]).answer("too large", 413);
    expect(errors).toMatchObject([{ error: { message: "an event may be lost: status 413" } }]);
    expect(chsk.state.open).toBe(true);
  });

  test("a POST that breaks ends the connection: its event may be lost, those behind it wait for the next", async () => {
    const { chsk, clock, errors, gets, posts } = await startPolling();
    const answer = chsk.request("a/b", 0).catch((error: unknown) => error);
    await clock.advance(300);
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    await required(posts()[1]).fail();
    expect(await answer).toMatchObject({ kind: "closed" });
    expect(errors).toMatchObject([{ error: { message: "an event may be lost: status 0" } }]);
    expect(chsk.state.open).toBe(false);
    await clock.advance(125);
    await required(gets().at(-1)).json(HANDSHAKE);
    expect(required(posts().at(-1)).packed).toBe('[["a/b",2],null]');
    expect(posts()).toHaveLength(3);
  });
});
