import { expect, test } from "vitest";
import { edn } from "../src/packer/edn/index.js";
import { required, start } from "./support/fakes.js";

test("in classic mode the server's failure is one in exact edn, too", async () => {
  const { chsk, gets, posts } = await start({ type: "ajax", packer: edn({ exact: true }) });
  await required(gets()[0]).answer('[[:chsk/handshake ["alice" nil nil]] nil]');
  const answer = chsk.request("a/b").catch((error: unknown) => error);
  await required(posts()[0]).answer('[{:code "handler-error"} nil]');
  expect(await answer).toMatchObject({ kind: "remote" });
});
