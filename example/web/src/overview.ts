import type { ChskState, Lost } from "sente-client";
import { announce, element, make, say, select } from "./dom.ts";
import type { ConnectedUsers } from "./events.ts";
import { span, timeOfDay, transportName } from "./format.ts";
import type { Choice } from "./link.ts";
import type { EventStream } from "./stream.ts";

/** What is known of the connection: badge, facts, countdown, and a line in the stream for each change. */
export class StateView {
  readonly #stream: EventStream;
  #state: ChskState | undefined;
  #countdown: ReturnType<typeof setInterval> | undefined;

  constructor(stream: EventStream) {
    this.#stream = stream;
  }

  show(state: ChskState, choice: Choice): void {
    const previous = this.#state;
    this.#state = state;
    say("fact-uid", state.open ? (state.uid ?? "nobody") : "—");
    say("fact-transport", transportOf(state, choice));
    say("fact-packer", choice.packer);
    say("fact-session", sessionOf(state));
    say("fact-close", closeOf(state));
    this.#showAttempt();
    this.#tell(state, previous);

    clearInterval(this.#countdown);
    if (state.nextReconnectAt !== null) this.#countdown = setInterval(() => this.#showAttempt(), 100);
  }

  #showAttempt(): void {
    const state = this.#state;
    if (!state) return;
    const left = state.nextReconnectAt === null ? null : Math.max(0, state.nextReconnectAt - Date.now());
    const badge = badgeOf(state);
    element("badge", HTMLElement).dataset["state"] = badge.look;
    say("badge-state", badge.text);
    const more = state.open
      ? `${transportName(state.type)} · ${state.uid ?? "nobody"}`
      : left !== null
        ? `in ${(left / 1000).toFixed(1)} s`
        : "";
    say("badge-more", more);
    say("fact-next", state.open || left === null ? "—" : `in ${(left / 1000).toFixed(1)} s`);
  }

  #tell(state: ChskState, previous: ChskState | undefined): void {
    if (state.open && (!previous?.open || previous.uid !== state.uid)) {
      const words = `Connected by ${transportName(state.type)}`;
      const who = state.uid === null ? "as nobody" : `as ${state.uid}`;
      const lost = state.lost ? `, in a new session: ${lostWords(state.lost)}` : "";
      this.#stream.add({
        kind: "state",
        tone: "good",
        id: words,
        data: who + (state.resumed ? ", resumed" : lost),
      });
      announce(`${words} ${who}`);
    } else if (!state.open && state.lastClose && state.lastClose !== previous?.lastClose) {
      const isAsked = state.lastClose.reason.startsWith("requested");
      this.#stream.add({
        kind: "state",
        id: isAsked ? "Closed" : previous?.open ? "Connection lost" : "Attempt failed",
        data: closeOf(state, false),
        ...(isAsked ? {} : { tone: "bad" as const }),
      });
      announce(isAsked ? "Disconnected" : "Connection lost");
    }
  }
}

function badgeOf(state: ChskState): { look: string; text: string } {
  if (state.open) return { look: "open", text: "Connected" };
  if (state.lastClose?.reason === "refused") return { look: "closed", text: "Refused" };
  if (state.nextReconnectAt !== null) return { look: "connecting", text: "Reconnecting" };
  if (state.lastClose?.reason === "requested-disconnect") return { look: "closed", text: "Disconnected" };
  return { look: "connecting", text: "Connecting" };
}

function transportOf(state: ChskState, choice: Choice): string {
  const name = transportName(state.type);
  return choice.transport === "auto" ? `${name} (auto)` : name;
}

function sessionOf(state: ChskState): string {
  if (!state.open) return "—";
  if (state.resumed) return "resumed";
  return state.lost ? `new: ${lostWords(state.lost)}` : "new";
}

function lostWords(lost: Lost): string {
  return lost.reason.replaceAll("-", " ");
}

function closeOf({ lastClose }: ChskState, withTime = true): string {
  if (!lastClose) return "none";
  const { reason, code, status, at, type } = lastClose;
  const number = code ?? status;
  const what = reason.replaceAll("-", " ") + (number === undefined ? "" : ` (${number})`);
  return withTime ? `${what}, ${timeOfDay(at).slice(0, 8)}` : `${what}, by ${transportName(type)}`;
}

/** Who is connected, and by what; whom one can send to. */
export function showPeople(users: ConnectedUsers, me: string | null): void {
  const people = [...users.any].sort();
  const webSocket = new Set(users.webSocket);
  const ajax = new Set(users.ajax);
  const items = people.map((uid) => {
    const by = [webSocket.has(uid) ? "WebSocket" : "", ajax.has(uid) ? "polling" : ""].filter(Boolean);
    const item = make(
      "li",
      uid === me ? "me" : "",
      make("span", "name", uid),
      make("span", "by", [uid === me ? "you" : "", by.join(" + ")].filter(Boolean).join(", ")),
    );
    item.title = uid;
    return item;
  });
  const nobody = make("li", "nobody", "Nobody is logged in.");
  element("people", HTMLUListElement).replaceChildren(...(items.length > 0 ? items : [nobody]));

  const recipients = select("say-to");
  const chosen = recipients.value;
  const options = ["", ...new Set([...people, ...(chosen ? [chosen] : [])])];
  recipients.replaceChildren(
    ...options.map((uid) => new Option(uid || "everyone", uid, false, uid === chosen)),
  );
}

/** In how much time the 100 quick events came, and whether in order; told when the last has come. */
export class QuickEvents {
  readonly #tell: (text: string, time: string, isGood: boolean) => void;
  #began = 0;
  #next = 1;
  #inOrder = true;

  constructor(tell: (text: string, time: string, isGood: boolean) => void) {
    this.#tell = tell;
  }

  take({ n, of }: { n: number; of: number }): void {
    if (n === 1) [this.#began, this.#next, this.#inOrder] = [performance.now(), 1, true];
    if (n !== this.#next++) this.#inOrder = false;
    if (n !== of) return;
    const took = span(performance.now() - this.#began);
    const text = this.#inOrder ? `All ${of} came, in order` : `Not all ${of} came, or not in order`;
    this.#tell(text, `${took} from the first to the last`, this.#inOrder);
  }
}
