/**
 * Clients on behalf of the scenes in Java's testkit: is told what to do by lines of JSON, and tells by lines what came of
 * it. `{ call, client, do, … }` is answered `{ call, value }` or `{ call, threw }`; beside it come `{ client, event }`,
 * `{ client, state }` and `{ client, error }`. Ends with its input.
 */
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { classic } from "../../dist/classic.js";
import { edn } from "../../dist/edn.js";
import { gzip } from "../../dist/gzip.js";
import { connect, json } from "../../dist/index.js";
import { msgpack } from "../../dist/msgpack.js";
import { transit } from "../../dist/transit.js";

const PACKERS = new Map(
  [json, edn(), msgpack(), transit()].flatMap((p) => [p, gzip(p)]).map((p) => [p.name, p]),
);

const clients = new Map();

function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

const deeds = {
  open(number, { url, options }) {
    const { type, isClassic, packer, clientId, credentials, chance, ...more } = options;
    // What a browser's window would be, so that this client alone can be told of its network.
    const client = { credentials, window: new EventTarget() };
    clients.set(number, client);
    const tell = (what) => say({ client: number, ...what });
    const given = (params) =>
      Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
    enter(client);
    client.chsk = connect(url, {
      type,
      clientId,
      packer: PACKERS.get(packer),
      ...(isClassic && { protocol: classic }),
      WebSocket,
      params: () => given({ uid: client.credentials.uid }),
      csrfToken: () => client.credentials.csrfToken,
      headers: () => given({ authorization: client.credentials.authorization }),
      random: () => chance,
      maxQueuedBytes: 100_000_000,
      onError: (error, where) => tell({ error: `${where}: ${error}` }),
      ...more,
    });
    client.chsk.onAny(({ id, data }) => tell({ event: { id, data: data ?? null } }));
    client.chsk.onState((state) => tell({ state }));
    client.chsk.answer("scene/echo", (data) => data);
    client.chsk.answer("scene/throw", () => {
      throw new Error("as asked for");
    });
  },
  connect: (number) => {
    const client = clients.get(number);
    enter(client);
    client.chsk.connect();
  },
  send: (number, { id, data }) => clients.get(number).chsk.send(id, data),
  request: (number, { id, data, timeoutMs }) =>
    clients
      .get(number)
      .chsk.request(id, data, { timeoutMs })
      .then(
        (value) => ({ kind: "value", value: value ?? null }),
        ({ kind, message, detail }) => ({ kind, message, detail: detail ?? null }),
      ),
  credentials: (number, { credentials }) => void (clients.get(number).credentials = credentials),
  reconnect: (number) => clients.get(number).chsk.reconnect(),
  disconnect: (number) => clients.get(number).chsk.disconnect(),
  networkChanged: (number) => void clients.get(number).window.dispatchEvent(new Event("online")),
  close: (number) => {
    clients.get(number).chsk.disconnect();
    clients.delete(number);
  },
};

function enter({ window }) {
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.removeEventListener = window.removeEventListener.bind(window);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, client, do: deed, ...given } = JSON.parse(line);
  const threw = (error) => say({ call, threw: String(error) });
  try {
    const value = deeds[deed](client, given);
    if (value instanceof Promise) value.then((settled) => say({ call, value: settled }), threw);
    else say({ call, value: value ?? null });
  } catch (error) {
    threw(error);
  }
}
process.exit();
