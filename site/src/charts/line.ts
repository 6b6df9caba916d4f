/** A line over time with its 95 % band and its gaps, and a second one to compare with. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { h } from "../dom.ts";
import { dayOfMonth, dayTime, monthOfYear, number, time, timeToSecond, weekday } from "../format.ts";
import { t, word } from "../i18n/index.ts";
import { colour, onThemed } from "../theme.ts";
import { DAY, type Points } from "./points.ts";
import { dayOf } from "./zone.ts";

export interface Shown {
  readonly points: Points;
  readonly other: Points | null;
  readonly otherName: string;
  readonly zone: string;
  readonly resolution: number;
  readonly label: string;
}
export interface LineChart {
  readonly element: HTMLElement;
  readonly destroy: () => void;
}

type Column = (number | null)[];
const HEIGHT = 340;
const STEPPED_BELOW = 220;

const edge = (points: Points, sign: number): Column =>
  points.values.map((value, n) => (value === null ? null : value + sign * points.halves[n]!));

const isStepped = (points: Points): boolean => points.times.length < STEPPED_BELOW;

/** Which window is drawn at which second: each at its start; as a step also at its end, where nothing follows it. */
export function drawnAt(points: Points, resolution: number): { readonly window: number; readonly second: number }[] {
  return points.times.flatMap((second, window) => {
    const start = { window, second };
    const follows = points.times[window + 1] === second + resolution && points.values[window + 1] !== null;
    return isStepped(points) && !follows ? [start, { window, second: second + resolution - 1e-3 }] : [start];
  });
}

function columns(shown: Shown, drawn: ReturnType<typeof drawnAt>): uPlot.AlignedData {
  const { points, other } = shown;
  const at = (column: readonly (number | null)[]): Column => drawn.map((one) => column[one.window] ?? null);
  const series = [points, ...(other ? [other] : [])].flatMap((one) => [[...one.values], edge(one, 1), edge(one, -1)]);
  return [drawn.map((one) => one.second), ...series.map(at)] as uPlot.AlignedData;
}

function hatch(): CanvasPattern | string {
  const tile = h("canvas", { width: 8, height: 8 });
  const pen = tile.getContext("2d");
  if (!pen) return colour("outage");
  pen.strokeStyle = colour("outage");
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat") ?? colour("outage");
}

function drawGaps(plot: uPlot, shown: Shown): void {
  const { points, resolution } = shown;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = hatch();
  for (let n = 0; n < points.times.length; n++) {
    if (points.outages[n] === null) continue;
    const first = points.times[n]!;
    while (n + 1 < points.times.length && points.outages[n + 1] !== null) n++;
    const [left, right] = [plot.valToPos(first, "x", true), plot.valToPos(points.times[n]! + resolution, "x", true)];
    ctx.fillRect(left, bbox.top, Math.max(1.5, right - left), bbox.height);
  }
  ctx.restore();
}

function options(
  shown: Shown,
  width: number,
  zoomed: (from: number, until: number) => void,
  at: (n: number | null) => void,
): uPlot.Options {
  const stepped = isStepped(shown.points) ? uPlot.paths.stepped!({ align: 1 }) : uPlot.paths.linear!();
  const edgeOnly = { width: 0, points: { show: false }, paths: stepped };
  const line = (stroke: string, dash?: number[]): uPlot.Series => ({
    stroke,
    width: 1.8,
    points: { show: false },
    paths: stepped,
    ...(dash ? { dash } : {}),
  });
  const accent = colour("accent");
  const other = colour("second");
  const axis = {
    stroke: colour("quiet-text"),
    grid: { stroke: colour("rule"), width: 1 },
    ticks: { show: false },
    font: "13px 'Source Sans 3 Variable', sans-serif",
  };
  return {
    width,
    height: HEIGHT,
    tzDate: (second) => uPlot.tzDate(new Date(second * 1000), shown.zone),
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { size: 7 }, y: false },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 1) * 1.04 || 1] } },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((second) => tick(second, step, shown.zone)), space: 92 },
      { ...axis, values: (_, splits) => splits.map((value) => number(value, 1)), size: 64 },
    ],
    series: [{}, line(accent), edgeOnly, edgeOnly, ...(shown.other ? [line(other, [5, 4]), edgeOnly, edgeOnly] : [])],
    bands: [
      { series: [2, 3], fill: colour("accent-band") },
      ...(shown.other ? [{ series: [5, 6] as [number, number], fill: colour("second-band") }] : []),
    ],
    hooks: {
      drawClear: [(plot) => drawGaps(plot, shown)],
      setCursor: [(plot) => at(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 8) return;
          const [from, until] = [plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x")];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          zoomed(from, until);
        },
      ],
    },
  };
}

function tick(second: number, step: number, zone: string): string {
  const at = second * 1000;
  if (step >= 300 * DAY) return dayOf(second, zone).slice(0, 4);
  if (step >= 27 * DAY) return monthOfYear(at, zone);
  if (step >= DAY) return dayOfMonth(at, zone);
  return step >= 60 ? time(at, zone) : timeToSecond(at, zone);
}

function readout(shown: Shown, n: number | null): string {
  if (n === null) return t("chart.hint");
  const { points, other, zone, resolution, otherName } = shown;
  const second = points.times[n]!;
  const when = resolution >= DAY ? weekday(second * 1000, zone) : dayTime(second * 1000, zone);
  const say = (from: Points): string => {
    const value = from.values[n] ?? null;
    if (value !== null) return `${number(value)} ± ${number(from.halves[n]!)}`;
    return from.outages[n] ? t("number.outage", { why: word("outage", from.outages[n]) }) : t("number.none");
  };
  return `${when}: ${say(points)}${other ? ` · ${otherName}: ${say(other)}` : ""}`;
}

export function lineChart(shown: Shown, zoomed: (from: number, until: number) => void): LineChart {
  const box = h("div", { class: "plot" });
  const says = h("p", { class: "readout", "aria-live": "polite" }, t("chart.hint"));
  const frame = h("div", { class: "chart", tabindex: "0", role: "group", "aria-label": shown.label }, box);
  const element = h("div", {}, frame, says);
  let plot: uPlot | undefined;
  let cursor = -1;
  const drawn = drawnAt(shown.points, shown.resolution);
  const at = (n: number | null) => (says.textContent = readout(shown, n));
  const atDrawn = (n: number | null) => at(n === null ? null : (drawn[n]?.window ?? null));
  const make = () => {
    plot?.destroy();
    plot = new uPlot(options(shown, Math.max(280, box.clientWidth), zoomed, atDrawn), columns(shown, drawn), box);
  };
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 }[event.key];
    if (step === undefined || !plot) return;
    event.preventDefault();
    const last = shown.points.times.length - 1;
    cursor = Math.max(0, Math.min(last, (cursor < 0 ? (step < 0 ? last + 1 : -1) : cursor) + step));
    const left = plot.valToPos(shown.points.times[cursor]!, "x");
    plot.setCursor({ left, top: HEIGHT / 2 });
    at(cursor);
  });
  const size = new ResizeObserver(() => {
    if (!plot) make();
    else plot.setSize({ width: Math.max(280, box.clientWidth), height: HEIGHT });
  });
  size.observe(box);
  const stop = onThemed(make);
  const destroy = () => {
    stop();
    size.disconnect();
    plot?.destroy();
  };
  return { element, destroy };
}
