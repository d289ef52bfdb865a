import { expect, expectTypeOf, test } from "vitest";
import { connect, type Chsk } from "../src/index.js";

test("the types of an application's events are known", () => {
  type Chat = {
    "chat/said": { text: string };
    "chat/typing": undefined;
    "chat/say": (say: { text: string }) => { ok: boolean };
  };
  const use = (chsk: Chsk<Chat>): void => {
    chsk.on("chat/said", (said) => expectTypeOf(said).toEqualTypeOf<{ text: string }>());
    chsk.send("chat/said", { text: "hi" });
    chsk.send("chat/typing");
    expectTypeOf(chsk.request("chat/say", { text: "hi" }, { timeoutMs: 1 })).resolves.toEqualTypeOf<{
      ok: boolean;
    }>();
    // @ts-expect-error -- no such event
    chsk.send("chat/sung", { text: "hi" });
    // @ts-expect-error -- not its data
    chsk.send("chat/said", { txt: "hi" });
    // @ts-expect-error -- the data is not optional
    chsk.send("chat/said");
    // @ts-expect-error -- not its data
    chsk.on("chat/said", (said: { n: number }) => said);
  };
  interface Said {
    "chat/said": { text: string };
  }
  const byInterface = (chsk: Chsk<Said>): void => {
    chsk.on("chat/said", (said) => expectTypeOf(said).toEqualTypeOf<{ text: string }>());
    // @ts-expect-error -- no such event
    chsk.send("chat/sung", { text: "hi" });
    expectTypeOf(connect<Said>("/chsk")).toEqualTypeOf(chsk);
  };
  const untyped = (chsk: Chsk): void => {
    chsk.send("any/thing", 1);
    chsk.on("any/thing", (data) => expectTypeOf(data).toEqualTypeOf<unknown>());
    expectTypeOf(chsk.request("any/thing")).resolves.toEqualTypeOf<unknown>();
  };
  expect([use, byInterface, untyped]).toHaveLength(3);
});
