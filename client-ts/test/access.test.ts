import { expect, onTestFinished, test } from "vitest";
import { settle, startAny } from "./support/fakes.js";

test("of functions for what requests carry, one that throws beside one whose promise rejects is told, and nothing is left unhandled", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const { chsk, errors } = await startAny({
    type: "ajax",
    params: () => Promise.reject(new Error("not logged in")),
    headers: () => {
      throw new Error("nor here");
    },
  });
  await settle();
  expect(errors.map(({ where }) => where)).toEqual(["connect"]);
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
  expect(unhandled).toEqual([]);
});
