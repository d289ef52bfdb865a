/**
 * The client against a model of a v2 server over a network that breaks, in virtual time, by seeds: cuts before, within
 * and after what is sent, lost answers, WebSockets that are blocked and let through again, server restarts, overflow. Then
 * the network heals, and must find: every event there in order, none twice, none missing that was not told as lost, and
 * every request ended once. SENTE_SIMULATIONS says how many seeds to run; a seed that fails prints its trace.
 */
import { expect, test } from "vitest";
import { simulate } from "../support/simulation.js";

const SEEDS = Number(process.env["SENTE_SIMULATIONS"] ?? 80);
const FIRST = Number(process.env["SENTE_SEED"] ?? 1);

test.each(["ws", "ajax", "auto"] as const)(
  "%s under faults",
  { timeout: 60_000 + SEEDS * 1_000 },
  async (type) => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const { problems, trace } = await simulate(type, seed);
      expect(problems, `${type}, SENTE_SEED=${seed}:\n${trace.join("\n")}`).toEqual([]);
    }
  },
);
