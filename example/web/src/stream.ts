import { button, element, input, make, say } from "./dom.ts";
import { inline, pretty, span, timeOfDay } from "./format.ts";

/** What a line of the stream tells of. */
export type Kind = "sent" | "received" | "state" | "ping";

export interface Entry {
  kind: Kind;
  /** An event's id, or words about the connection. */
  id: string;
  data?: unknown;
  /** How long an answer took, in ms. */
  took?: number;
  tone?: "good" | "bad";
  /** What comes after the id, such as `reply`. */
  note?: string;
}

interface Kept extends Entry {
  at: number;
  text: string;
}

const CAP = 500;

const spoken: Record<Kind, string> = {
  sent: "sent",
  received: "received",
  state: "connection",
  ping: "ping",
};

/** The events of this page, the newest on top: filtered, paused, and never more than the cap. */
export class EventStream {
  readonly #list = element("stream", HTMLOListElement);
  readonly #filter = input("filter");
  readonly #kinds = new Set<string>();
  /** Newest first. */
  #kept: Kept[] = [];
  /** Those that have not been drawn, newest first. */
  #fresh: Kept[] = [];
  #seen = 0;
  #isPaused = false;
  #isDue = false;

  constructor() {
    for (const box of document.querySelectorAll<HTMLInputElement>("input[name=kind]")) {
      const take = (): void => {
        if (box.checked) this.#kinds.add(box.value);
        else this.#kinds.delete(box.value);
      };
      take();
      box.addEventListener("change", () => {
        take();
        this.#redraw();
      });
    }
    this.#filter.addEventListener("input", () => this.#redraw());
    button("clear").addEventListener("click", () => {
      this.#kept = [];
      this.#redraw();
    });
    button("pause").addEventListener("click", (click) => {
      this.#isPaused = !this.#isPaused;
      const pause = click.currentTarget as HTMLButtonElement;
      pause.setAttribute("aria-pressed", String(this.#isPaused));
      pause.textContent = this.#isPaused ? "Resume" : "Pause";
      if (!this.#isPaused) this.#redraw();
    });
  }

  add(entry: Entry): void {
    const text = `${entry.id} ${inline(entry.data)}`.toLowerCase();
    const kept = { ...entry, at: Date.now(), text };
    this.#kept.unshift(kept);
    this.#kept.length = Math.min(this.#kept.length, CAP);
    this.#fresh.unshift(kept);
    this.#fresh.length = Math.min(this.#fresh.length, CAP);
    if (entry.kind !== "ping") this.#seen++;
    this.#schedule();
  }

  /** Draws at most once per frame, however many events come. A page in the background has no frames. */
  #schedule(): void {
    if (this.#isDue || this.#isPaused) return;
    this.#isDue = true;
    const draw = (): void => {
      this.#isDue = false;
      if (!this.#isPaused) this.#draw();
    };
    if (document.hidden) setTimeout(draw, 200);
    else requestAnimationFrame(draw);
  }

  #draw(): void {
    const shown = this.#fresh.filter((entry) => this.#isShown(entry));
    this.#fresh = [];
    this.#list.prepend(...shown.map(lineOf));
    while (this.#list.childElementCount > CAP) this.#list.lastElementChild?.remove();
    this.#count();
  }

  #redraw(): void {
    this.#fresh = [];
    this.#list.replaceChildren(...this.#kept.filter((entry) => this.#isShown(entry)).map(lineOf));
    this.#count();
  }

  #isShown(entry: Kept): boolean {
    return this.#kinds.has(entry.kind) && entry.text.includes(this.#filter.value.trim().toLowerCase());
  }

  #count(): void {
    const shown = this.#list.childElementCount;
    const isEverything = shown === this.#seen;
    say("events-count", isEverything ? String(shown) : `${shown} shown of ${this.#seen}`);
    const hasMore = this.#kept.length > 0;
    say("stream-empty", hasMore ? "Nothing matches the filter." : "Nothing to show yet.");
  }
}

function lineOf(entry: Kept): HTMLLIElement {
  const line = make("li", "");
  line.dataset["kind"] = entry.kind;
  if (entry.tone) line.dataset["tone"] = entry.tone;
  const cells = [
    make("time", "", timeOfDay(entry.at)),
    stoneOf(entry.kind),
    idOf(entry),
    make("span", "data", inline(entry.data)),
    make("span", "took", entry.took === undefined ? "" : span(entry.took)),
  ];
  if (typeof entry.data === "object" && entry.data !== null) {
    line.append(make("details", "", make("summary", "line", ...cells), make("pre", "", pretty(entry.data))));
  } else {
    line.append(make("div", "line", ...cells));
  }
  return line;
}

function stoneOf(kind: Kind): HTMLElement {
  return make("span", `stone ${kind}`, make("span", "unseen", spoken[kind]));
}

function idOf({ id, kind, note }: Entry): HTMLElement {
  const slash = kind === "state" ? -1 : id.indexOf("/");
  const cell = make("span", "id", make("i", "", id.slice(0, slash + 1)), id.slice(slash + 1));
  if (note) cell.append(make("i", "", ` ${note}`));
  cell.title = id;
  return cell;
}
