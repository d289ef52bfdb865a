import { expect, test } from "vitest";
import { withExample } from "./support/withExample.ts";

const example = withExample();

const url = (path: string): string => `${example.server.url}${path}`;

test("no script can read the session's cookie, and no other site send it along", async () => {
  const browser = await example.someone();
  const page = await example.open({ by: browser });
  await page.connected();
  const [cookie] = await browser.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(await page.page.evaluate(() => document.cookie)).toBe("");
});

test("logging in takes another session", async () => {
  const browser = await example.someone();
  const page = await example.open({ by: browser });
  await page.connected();
  const [before] = await browser.cookies();
  await page.logIn("grace");
  const [after] = await browser.cookies();
  expect(after?.value).not.toBe(before?.value);
});

test("nobody logs in, or connects, without the session's token", async () => {
  const page = await example.open();
  await page.connected();
  const statuses = await page.page.evaluate(async () => {
    const status = async (path: string, init?: RequestInit): Promise<number> =>
      (await fetch(path, init)).status;
    const body = JSON.stringify({ uid: "mallory" });
    return [
      await status("login", { method: "POST", body }),
      await status("login", { method: "POST", body, headers: { "X-CSRF-Token": "guessed" } }),
      await status("logout", { method: "POST" }),
      await status("chsk?client-id=x&handshake%3F=1"),
      await status("chsk?client-id=x&handshake%3F=1", { headers: { "X-CSRF-Token": "guessed" } }),
    ];
  });
  expect(statuses).toEqual([403, 403, 403, 403, 403]);
});

test("another site's page cannot connect", async () => {
  const session = await fetch(url("session"));
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  const cookie = session.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  // All that a page of its own has, so that only the origin tells them apart.
  const connect = async (origin: string): Promise<Response> =>
    await fetch(url(`chsk?client-id=x&handshake%3F=1&csrf-token=${csrfToken}`), {
      headers: { Cookie: cookie, Origin: origin },
    });
  expect((await connect(new URL(example.server.url).origin)).status).toBe(200);
  const answer = await connect("https://evil.example");
  expect(answer.status).toBe(403);
  expect(await answer.text()).toBe("Unauthorized origin");
});

test("what a stranger leaves out is told, and is no failure", async () => {
  const logIn = async (body: string): Promise<number> =>
    (await fetch(url("login"), { method: "POST", body })).status;
  expect(await Promise.all(["", "null", "{}", '{"uid":null}', '{"uid":" "}'].map(logIn))).toEqual(
    Array(5).fill(400),
  );

  const session = await fetch(url("session"));
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  const cookie = session.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const ask = async (id: string, data: unknown): Promise<unknown> => {
    const query = `chsk?client-id=x&packer=json&csrf-token=${csrfToken}`;
    const body = new URLSearchParams({ ppstr: JSON.stringify([[id, data], "ajax"]) });
    const answer = await fetch(url(query), { method: "POST", body, headers: { Cookie: cookie } });
    return ((await answer.json()) as unknown[])[0];
  };
  const incomplete = { code: "incomplete", message: "expected to and text" };
  expect(await ask("example/say", {})).toEqual(incomplete);
  expect(await ask("example/say", { to: "grace" })).toEqual(incomplete);
  expect(await ask("example/say", { text: "hi" })).toEqual(incomplete);
  expect(await ask("example/bad-connections", { percent: -7 })).toMatchObject({
    badConnectionPercent: 0,
  });
});

test("the page runs under a policy that allows no inline script", async () => {
  const answer = await fetch(url(""));
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'self'/);
  expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("what others say is shown as text", async () => {
  const page = await example.open();
  await page.connected();
  await page.sayAndHear("<img src=x onerror=alert(1)>");
  expect(await page.page.locator("#stream img").count()).toBe(0);
});
