/** A span of time as a person would write it: `0.8 ms`, `24 ms`, `1.2 s`. */
export function span(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The time of day to the millisecond, as `14:03:07.120`. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
}

/** A value on one line, shortened. */
export function inline(data: unknown): string {
  const text = data === undefined || data === null ? "" : written(data);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** A value on as many lines as it takes. */
export function pretty(data: unknown): string {
  return written(data, 2);
}

/** JSON, with what JSON has no form for as well as it can be shown. */
function written(data: unknown, indent?: number): string {
  if (typeof data === "string" && indent === undefined) return data;
  const known = (_key: string, value: unknown): unknown => {
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Map) return Object.fromEntries(value);
    if (value instanceof Set) return [...value];
    if (value instanceof Error) return value.message;
    return value;
  };
  const json = JSON.stringify(data, known, indent) ?? String(data);
  return indent === undefined ? json.replace(/"([^"\\]+)":/g, "$1: ").replace(/,(?=[^\s])/g, ", ") : json;
}

/** The value below which the given part of the sorted values lies. */
export function quantile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** The transport in the words of the page. */
export function transportName(type: "ws" | "ajax"): string {
  return type === "ws" ? "WebSocket" : "long-polling";
}
