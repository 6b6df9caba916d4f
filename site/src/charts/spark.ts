/** The last windows of one number as a small line with its band: a hint of its course, not a chart. */
import type { Sensor } from "../api.ts";
import { s } from "../dom.ts";
import { load, type Points } from "./points.ts";

const [WIDTH, HEIGHT, WINDOWS] = [320, 56, 60];

export async function recent(sensor: Sensor): Promise<Points | null> {
  const cell = sensor.cells[0];
  const step = Math.max(...sensor.resolutions);
  if (!cell || !sensor.last || !sensor.resolutions.length) return null;
  const until = Date.parse(sensor.last) / 1000;
  return load({ sensor, cell }, step, until - WINDOWS * step, until);
}

/** Runs of windows that have a number; between them lies a gap. */
export function runs(values: readonly (number | null)[]): number[][] {
  const found: number[][] = [];
  values.forEach((value, n) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last.at(-1) === n - 1) last.push(n);
    else found.push([n]);
  });
  return found;
}

export function spark(points: Points): SVGSVGElement {
  const high = Math.max(1, ...points.values.map((value, n) => (value ?? 0) + points.halves[n]!));
  const x = (n: number) => ((n / Math.max(1, points.values.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 2 - (Math.max(0, value) / high) * (HEIGHT - 4)).toFixed(1);
  const drawn = runs(points.values).map((run) => {
    const line = run.map((n) => `${x(n)},${y(points.values[n]!)}`);
    const above = run.map((n) => `${x(n)},${y(points.values[n]! + points.halves[n]!)}`);
    const below = run.map((n) => `${x(n)},${y(points.values[n]! - points.halves[n]!)}`).reverse();
    return [
      s("polygon", { class: "spark-band", points: [...above, ...below].join(" ") }),
      s("polyline", { class: "spark-line", points: line.join(" ") }),
    ];
  });
  return s(
    "svg",
    { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", preserveAspectRatio: "none" },
    drawn,
  );
}
