import { ChskError, type ChskState } from "sente-client";
import { announce, button, element, input, say, select } from "./dom.ts";
import type { ExampleEvents, Settings, Welcome } from "./events.ts";
import { quantile, span } from "./format.ts";
import { Link, type Channel, type Choice } from "./link.ts";
import { QuickEvents, showPeople, StateView } from "./overview.ts";
import { RoundTripPlot } from "./plot.ts";
import { Session } from "./session.ts";
import { EventStream, type Entry } from "./stream.ts";

type Id = keyof ExampleEvents & string;

const levels = ["trace", "debug", "info", "warn", "error"];
let logLevel = "info";

const session = new Session();
const stream = new EventStream();
const plot = new RoundTripPlot();
const stateView = new StateView(stream);
const quick = new QuickEvents((text, time, isGood) =>
  show({ kind: "state", id: text, data: time, tone: isGood ? "good" : "bad" }),
);
const link = new Link(session, choiceInAddress(), prepare, onState);
onState(link.channel.state);

// --- what comes in ---------------------------------------------------------------------------

function prepare(channel: Channel): void {
  channel.on("example/settings", showSettings);
  channel.on("example/users", (users) => showPeople(users, channel.state.uid));
  channel.onAny(({ id, data }) => {
    show({ kind: "received", id, data });
    if (id === "example/quick") quick.take(data as ExampleEvents["example/quick"]);
  });
}

function onState(state: ChskState, previous?: ChskState): void {
  stateView.show(state, link.choice);
  // A session that is lost by long-polling is followed by another one without a pause.
  if (state.open && (!previous?.open || state.lost !== previous.lost)) {
    const welcome = state.handshakeData as Partial<Welcome> | undefined;
    if (welcome?.settings) showSettings(welcome.settings);
    if (welcome?.users) showPeople(welcome.users, state.uid);
  }
  button("disconnect").textContent =
    state.lastClose?.reason === "requested-disconnect" ? "Connect" : "Disconnect";
  button("logout").disabled = session.uid === null && state.uid === null;
  // The server does not know our token, say after a restart: it has been forgotten, so the next try brings a new one. Who is refused
  // by a close code was told to stay away.
  const { lastClose } = state;
  if (lastClose?.reason === "refused" && lastClose.status === 403 && previous?.lastClose !== lastClose) {
    setTimeout(() => {
      if (link.channel.state.lastClose === lastClose) link.channel.connect();
    }, 1000);
  }
}

function showSettings(settings: Settings): void {
  input("broadcast-loop").checked = settings.broadcastLoop;
  input("bad-rate").value = String(settings.badConnectionPercent);
  say("bad-rate-shown", `${settings.badConnectionPercent} %`);
  select("log-level").value = settings.logLevel;
  logLevel = settings.logLevel;
}

// --- what goes out ---------------------------------------------------------------------------

/** Sends without waiting for a reply. */
function send(id: Id, data?: unknown): void {
  const isTaken = link.channel.send(id, data as never);
  show({ kind: "sent", id, data, ...(isTaken ? {} : { tone: "bad" as const, note: "not taken" }) });
}

/** Sends, and shows the reply, or why there is none. */
async function ask(id: Id, data?: unknown, kind: "sent" | "ping" = "sent"): Promise<unknown> {
  const { channel } = link;
  const began = performance.now();
  const { type } = channel.state;
  show({ kind, id, data });
  try {
    const reply: unknown = await channel.request(id, data as never, { timeoutMs: 5000 });
    const took = performance.now() - began;
    plot.add({ took, type });
    show({ kind: kind === "sent" ? "received" : "ping", id, data: reply, took, note: "reply" });
    return reply;
  } catch (error) {
    const why = error instanceof ChskError ? error.kind : String(error);
    if (why === "timeout") plot.add({ took: undefined, type });
    show({ kind: kind === "sent" ? "received" : "ping", id, data: why, tone: "bad", note: "no reply" });
    return undefined;
  }
}

function show(entry: Entry): void {
  stream.add(entry);
  const level =
    entry.tone === "bad"
      ? "warn"
      : entry.kind === "ping"
        ? "trace"
        : entry.kind === "state"
          ? "info"
          : "debug";
  if (levels.indexOf(level) >= levels.indexOf(logLevel)) {
    console[level === "trace" ? "debug" : (level as "debug" | "info" | "warn")](
      `${entry.kind} ${entry.id}`,
      entry.data ?? "",
    );
  }
}

setInterval(() => {
  if (input("measure").checked && link.channel.state.open && !document.hidden)
    void ask("example/ping", { n: pings++ }, "ping");
}, 1000);
let pings = 1;

// --- the buttons -----------------------------------------------------------------------------

const said = (): { to: string; text: string } => ({
  to: select("say-to").value,
  text: input("say-text").value,
});

element("say-form", HTMLFormElement).addEventListener("submit", (submit) => {
  submit.preventDefault();
  void ask("example/say", said());
});
onClick("send", () => send("example/say", said()));
onClick("test-broadcast", () => send("example/test-broadcast"));
onClick("print-users", () => void ask("example/connected-users"));
onChange(input("broadcast-loop"), async ({ checked }) => {
  await ask("example/broadcast-loop", { on: checked });
});
input("bad-rate").addEventListener("input", () => say("bad-rate-shown", `${input("bad-rate").value} %`));
onChange(input("bad-rate"), async ({ value }) => {
  await ask("example/bad-connections", { percent: Number(value) });
});
onChange(select("log-level"), async ({ value }) => {
  await ask("example/log-level", { level: value });
});

onClick("reconnect", () => link.channel.reconnect());
onClick("disconnect", () => {
  if (link.channel.state.lastClose?.reason === "requested-disconnect") link.channel.connect();
  else link.channel.disconnect();
});
onClick("break-close", () => link.channel.breakConnection({ close: true }));
onClick("break-silent", () => link.channel.breakConnection({ close: false }));

for (const part of ["transport", "packer"] as const) {
  for (const radio of document.querySelectorAll<HTMLInputElement>(`input[name=${part}]`)) {
    radio.checked = radio.value === link.choice[part];
    onChange(radio, ({ value }) => {
      link.choose({ [part]: value });
      const address = new URL(location.href);
      address.searchParams.set(part, value);
      history.replaceState(null, "", address);
    });
  }
}

// --- who one is ------------------------------------------------------------------------------

element("login-form", HTMLFormElement).addEventListener("submit", (submit) => {
  submit.preventDefault();
  void logIn(input("login-uid").value.trim());
});
onClick("logout", async () => {
  await session.logOut();
  link.channel.reconnect();
  announce("Logged out");
});

/** A connection keeps the user it was opened for, so it has to be opened anew. */
async function logIn(uid: string): Promise<void> {
  await session.logIn(uid);
  link.channel.reconnect();
}

/** Many logins one after the other, each waiting for the connection to be the new user's. */
onClick("repeated-logins", async () => {
  const base = input("login-uid").value.trim() || "player";
  const times: number[] = [];
  const names = Array.from({ length: 10 }, (_, i) => (i === 9 ? base : `${base}-${i + 1}`));
  button("repeated-logins").disabled = true;
  try {
    for (const [i, uid] of names.entries()) {
      say("repeated-hint", `${i + 1} of ${names.length}`);
      const began = performance.now();
      await logIn(uid);
      await until((state) => state.open && state.uid === uid);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    say("repeated-hint", `${times.length} of ${names.length}, median ${span(quantile(times, 0.5) ?? 0)}`);
    announce("All repeated logins have worked");
  } catch (error) {
    say(
      "repeated-hint",
      `Failed after ${times.length}: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    button("repeated-logins").disabled = false;
  }
});

function until(isSo: (state: ChskState) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => finish(() => reject(new Error("nothing within 10 s"))), 10_000);
    const look = (state: ChskState): void => {
      if (isSo(state)) finish(resolve);
    };
    const stop = link.channel.onState(look);
    const finish = (end: () => void): void => {
      clearTimeout(patience);
      stop();
      end();
    };
    look(link.channel.state);
  });
}

// --- small words -----------------------------------------------------------------------------

function onClick(id: string, action: () => unknown): void {
  button(id).addEventListener("click", () => reported(action));
}

function onChange<T extends HTMLElement>(target: T, action: (target: T) => unknown): void {
  target.addEventListener("change", () => reported(() => action(target)));
}

/** What goes wrong on a click is told where everything is. */
function reported(action: () => unknown): void {
  Promise.resolve()
    .then(action)
    .catch((error: unknown) => show({ kind: "state", tone: "bad", id: "Failed", data: String(error) }));
}

function choiceInAddress(): Choice {
  const asked = new URLSearchParams(location.search);
  const transport = asked.get("transport");
  const packer = asked.get("packer");
  return {
    transport: transport === "ws" || transport === "ajax" ? transport : "auto",
    packer: packer === "edn" ? "edn" : "json",
  };
}
