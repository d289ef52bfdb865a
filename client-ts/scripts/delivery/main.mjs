/**
 * ./sente delivery: what arrives of numbered events while every client's connections are cut once a second. Takes the
 * command that starts the test server after `--`, or the port of a running one.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { run } from "./run.mjs";
import { runningServer, startServer } from "./server.mjs";
import { percentile, table } from "./tally.mjs";

const names = { ws: "WebSocket", ajax: "long-polling", auto: "alternating" };

const { values, positionals: command } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    clients: { type: "string", default: "10" },
    rate: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    port: { type: "string" },
  },
});
const [seconds, clients, rate, seed] = ["seconds", "clients", "rate", "seed"].map((name) => {
  const number = Number(values[name]);
  if (!(number > 0)) throw new TypeError(`--${name} must be a number above 0, was ${values[name]}`);
  return number;
});

const server = values.port ? runningServer(Number(values.port)) : await startServer(command);
const results = [];
try {
  for (const type of ["ws", "ajax", "auto"]) {
    console.error(`${names[type]}: ${clients} clients for ${seconds} s…`);
    results.push(await run({ type, seconds, clients, rate, seed, server }));
  }
} finally {
  server.stop();
}

const rows = results.flatMap(({ type, cuts, ...directions }) =>
  [
    ["up", "to the server"],
    ["down", "to the client"],
  ].map(([direction, way]) => {
    const { sent, delivered, duplicates, reordered, told, recovered } = directions[direction];
    const times = [0.5, 0.99].map((share) => `${percentile(recovered, share) ?? "–"} ms`);
    const counts = [sent, percentOf(delivered, sent), duplicates, reordered, told, cuts].map(String);
    return [names[type], way, ...counts, ...times];
  }),
);
const heads = [
  "events",
  "delivered",
  "duplicates",
  "reordered",
  "told as lost",
  "cuts",
  "recovered p50",
  "p99",
];
console.log(table([["transport", "direction", ...heads], ...rows]));
const moves = results.find(({ type }) => type === "auto").moves;
console.log(
  `\nseed ${seed}, ${rate} events a second for each client and direction; alternating changed its transport ${moves} times; ` +
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${availableParallelism()} cores`,
);

const problems = results.flatMap(({ problems }) => problems);
const refused = results.reduce((all, result) => all + result.refused, 0);
for (const problem of problems) console.error(problem);
if (refused > 0) console.error(`an event was not taken at first, since the queue was full: ${refused} times`);

const isAsPromised = results
  .flatMap(({ up, down }) => [up, down])
  .every(
    ({ sent, delivered, duplicates, reordered }) => delivered === sent && duplicates === 0 && reordered === 0,
  );
process.exit(isAsPromised && problems.length === 0 ? 0 : 1);

/** 100 only where nothing at all is missing. */
function percentOf(part, whole) {
  return `${part === whole ? 100 : Math.floor((part / whole) * 10_000) / 100} %`;
}
