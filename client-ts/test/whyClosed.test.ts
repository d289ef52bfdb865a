/** What is told of an HTTP request with which a connection ended, in classic mode. */
import { expect, test } from "vitest";
import { settle, start } from "./support/fakes.js";

test.each(["ajax", "ws"] as const)("%s: what fetch failed with", async (type) => {
  const error = new TypeError("Cannot convert argument to a ByteString");
  const { chsk, sockets } = await start({ type, fetch: () => Promise.reject(error) });
  sockets[0]?.drop();
  await settle();
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", error });
});

test.each(["ajax", "ws"] as const)("%s: how long the server wants to be left alone", async (type) => {
  const headers = { "Retry-After": "20" };
  const { chsk, clock, sockets } = await start({
    type,
    fetch: () => Promise.resolve(new Response("", { status: 503, headers })),
  });
  sockets[0]?.drop();
  await settle();
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 503 });
  expect(chsk.state.nextReconnectAt).toBeGreaterThanOrEqual(clock.now() + 20_000);
});
