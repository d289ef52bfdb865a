import { afterAll, beforeAll, expect, test } from "vitest";
import { JavaServer } from "./support/javaServer.ts";

// The test server is for tests in other languages and processes, so it is tested from outside, too.
let server: JavaServer;

beforeAll(async () => {
  server = await JavaServer.testServer("--handshake-data", "{:motd 1}", "--authz", "yes", "--reject", "no");
});
afterAll(() => server.stop());

async function get(path: string, params: Record<string, string> = {}): Promise<[number, string]> {
  const answer = await fetch(`${server.url}${path}?${new URLSearchParams(params).toString()}`);
  return [answer.status, await answer.text()];
}

const poll = (uid: string, params: Record<string, string> = {}): Promise<[number, string]> =>
  get("chsk", { "client-id": `client-of-${uid}`, uid, authz: "yes", ...params });

const handshake = (uid: string): Promise<[number, string]> => poll(uid, { "handshake?": "1" });

async function ask(uid: string, event: string): Promise<string> {
  const body = new URLSearchParams({
    "client-id": `client-of-${uid}`,
    authz: "yes",
    ppstr: `[${event} :ajax]`,
  });
  const answer = await fetch(`${server.url}chsk`, { method: "POST", body });
  return answer.text();
}

const control = async (path: string, params?: Record<string, string>): Promise<string> => {
  const [status, text] = await get(`ctl/${path}`, params);
  expect(status, text).toBe(200);
  return text;
};

test("lets in whom it should", async () => {
  expect(await handshake("alice")).toEqual([200, '[[:chsk/handshake ["alice" nil {:motd 1}]] nil]']);
  expect(await handshake("__nil")).toEqual([200, "[[:chsk/handshake [:sente/nil-uid nil {:motd 1}]] nil]"]);
  expect(await poll("alice", { authz: "guessed" })).toEqual([401, "Unauthorized request"]);
  expect((await poll("alice", { reject: "no" }))[0]).toBe(418);
});

test("answers the events that ask for an answer", async () => {
  await handshake("bob");
  expect(await ask("bob", "[:test/echo {:a #{1}}]")).toBe("[{:a #{1}} nil]");
  expect(await ask("bob", "[:test/whoami]")).toBe('[{:uid "bob", :client-id "client-of-bob"} nil]');
  expect(await ask("bob", "[:test/reply-later {:ms 20}]")).toBe("[{:late 20} nil]");
  expect(await ask("bob", "[:test/reply-twice]")).toBe("[:first nil]");
  expect(await ask("bob", "[:test/throw]")).toContain("handler-error");
});

test("pushes when told, by an event or over HTTP, and logs what it saw", async () => {
  await handshake("carol");
  const held = poll("carol");
  await expect.poll(() => control("uids")).toContain('"carol"');
  expect(await ask("carol", "[:test/push-me {:n 2}]")).toBe("[{:pushing 2} nil]");
  expect(await ask("carol", '[:test/push-to {:uid "carol", :ev [:x/y 1]}]')).toBe("[:ok nil]");
  expect(await control("push", { uid: '"carol"', ev: "[:q/r {:a 1}]", flush: "true" })).toBe("ok");
  expect(await control("push", { uid: '"carol"', ev: "[:q/n]", n: "2" })).toBe("ok");

  // How they are batched is the server's business, their order is not.
  let [, came] = await held;
  while (!came.includes("[:q/n 1]")) came += (await poll("carol"))[1];
  const events = [...came.matchAll(/\[(:(?:test|x|q)\/[^\]]*)\]/g)].map(([, event]) => event);
  expect(events).toEqual([":test/pushed 0", ":test/pushed 1", ":x/y 1", ":q/r {:a 1}", ":q/n 0", ":q/n 1"]);

  const log = (await control("log", { since: "0" }))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [number, number, string, string]);
  expect(log.map(([index]) => index)).toEqual(log.map((_, i) => i));
  expect(new Set(log.map(([, , kind]) => kind))).toEqual(new Set(["EVENT", "UIDS"]));
  expect(log.map(([, , , edn]) => edn)).toContain(
    '{:event [:test/push-me {:n 2}], :uid "carol", :cid "client-of-carol", :reply? true, :method :post, :ws? false}',
  );
});

test("packs and unpacks", async () => {
  expect(await control("pack", { edn: "{:a [1 nil]}" })).toBe("text:{:a [1 nil]}");
  expect(await control("unpack", { text: "#{:x}" })).toBe("#{:x}");
  expect(Number(await control("now"))).toBeGreaterThan(Date.now() - 60_000);
  const msgpack = await JavaServer.testServer("--packer", "msgpack");
  try {
    const answer = await fetch(`${msgpack.url}ctl/pack?edn=%5B1%5D`);
    expect(await answer.text()).toBe("hex:9101");
  } finally {
    await msgpack.stop();
  }
});
