import { element, say } from "./dom.ts";
import { quantile, span } from "./format.ts";

interface Sample {
  /** In ms; undefined where no answer came. */
  took: number | undefined;
  type: "ws" | "ajax";
}

/** How many are kept, and drawn where there is room. */
const SLOTS = 60;
/** The least that a bar and its gap take, in px. */
const SLOT_WIDTH = 6;
const LEFT = 44;
const BOTTOM = 4;
const TOP = 8;

/** The last round trips as bars: filled for the WebSocket, hollow for long-polling, red for no answer. */
export class RoundTripPlot {
  readonly #place = element("plot", HTMLDivElement);
  readonly #svg: SVGSVGElement;
  #samples: Sample[] = [];

  constructor() {
    this.#svg = svg("svg", { role: "img" });
    this.#place.append(this.#svg);
    new ResizeObserver(() => this.#draw()).observe(this.#place);
  }

  add(sample: Sample): void {
    this.#samples = [...this.#samples, sample].slice(-SLOTS);
    this.#draw();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#place;
    if (width === 0) return;
    const slots = Math.min(SLOTS, Math.max(10, Math.floor((width - LEFT) / SLOT_WIDTH)));
    const drawn = this.#samples.slice(-slots);
    const sorted = timesOf(this.#samples);
    const top = roundUp(timesOf(drawn).at(-1) ?? 1);
    const y = (ms: number): number => TOP + (height - BOTTOM - TOP) * (1 - ms / top);

    const marks: SVGElement[] = [];
    for (const ms of [0, top / 2, top]) {
      marks.push(svg("line", { class: "grid", x1: LEFT, x2: width, y1: y(ms), y2: y(ms) }));
      const label = svg("text", { x: LEFT - 8, y: y(ms) + 3.5, "text-anchor": "end" });
      label.textContent = axisLabel(ms);
      marks.push(label);
    }
    const slot = (width - LEFT) / slots;
    drawn.forEach(({ took, type }, i) => {
      const x = width - (drawn.length - i) * slot;
      const height = took === undefined ? y(0) - TOP : Math.max(2, y(0) - y(took));
      const kind = took === undefined ? "lost" : type;
      const inset = kind === "ajax" ? 0.5 : 0;
      marks.push(
        svg("rect", {
          class: kind,
          x: x + 1 + inset,
          y: y(0) - height + inset,
          width: Math.max(1, Math.min(slot - 2, 9) - 2 * inset),
          height: Math.max(1, height - inset),
          rx: 1.5,
          ...(took === undefined ? { opacity: 0.35 } : {}),
        }),
      );
    });
    const median = quantile(sorted, 0.5);
    if (median !== undefined && sorted.length > 2 && median <= top) {
      marks.push(svg("line", { class: "median", x1: LEFT, x2: width, y1: y(median), y2: y(median) }));
    }
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.replaceChildren(...marks);
    this.#tell(sorted);
  }

  #tell(sorted: readonly number[]): void {
    const written = (ms: number | undefined): string => (ms === undefined ? "—" : span(ms));
    const last = this.#samples.at(-1);
    const lost = this.#samples.length - sorted.length;
    say("rtt-last", written(last?.took));
    say("rtt-median", written(quantile(sorted, 0.5)));
    say("rtt-high", written(quantile(sorted, 0.95)));
    say("rtt-lost", String(lost));
    element("rtt-lost-part", HTMLElement).classList.toggle("some", lost > 0);
    element("rtt-hollow", HTMLElement).hidden = !this.#samples.some(({ type }) => type === "ajax");
    const median = written(quantile(sorted, 0.5));
    this.#svg.setAttribute(
      "aria-label",
      `The last ${this.#samples.length} round trips: median ${median}, ${lost} without an answer`,
    );
  }
}

function timesOf(samples: readonly Sample[]): number[] {
  return samples.flatMap(({ took }) => (took === undefined ? [] : [took])).sort((a, b) => a - b);
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= ms) ?? 10 * power;
}

function axisLabel(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
