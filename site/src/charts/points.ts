/** Released numbers over time, and what may be said about several of them together. */
import { get, type Cell, type Sensor, type Series } from "../api.ts";

/** Columns of equal length. `times`: starts of windows, s since 1970. `halves`: of the 95 % interval. */
export interface Points {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly halves: readonly number[];
  readonly outages: readonly (string | null)[];
}
export interface Stream {
  readonly sensor: Sensor;
  readonly cell: Cell;
}
export interface Tally {
  readonly sum: number;
  readonly half: number;
  readonly count: number;
  readonly gaps: number;
  /** Index of the largest value, -1 where there is none. */
  readonly busiest: number;
}
/** Sums over the windows that both sides have, and the change with its 95 % interval. */
export interface Change {
  readonly now: number;
  readonly before: number;
  readonly windows: number;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export const DAY = 86_400;
const ALPHA = 0.05;
/** 95 % quantile of one Laplace variable in standard deviations; that of a sum is smaller. */
const LAPLACE_95 = Math.log(1 / ALPHA) / Math.SQRT2;
const NORMAL_95 = 1.96;

export async function load(stream: Stream, resolution: number, from: number, until: number): Promise<Points> {
  const { family, subject, category } = stream.cell;
  const [start, end] = [iso(from), iso(until)];
  const found = await get<Series>("/api/v1/series", {
    sensor: stream.sensor.id,
    family,
    subject,
    category,
    resolution,
    start,
    end,
  });
  return {
    times: found.start.map((text) => Date.parse(text) / 1000),
    values: found.value,
    halves: found.half_width,
    outages: found.outage,
  };
}

export const iso = (second: number): string => new Date(second * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/** Variance of discrete Laplace noise is at most 2b², and a half-width h of 95 % means b ≤ (h + 1) / ln 20. */
export const variance = (half: number): number => 2 * ((half + 1) / Math.log(1 / ALPHA)) ** 2;

function halfOf(halves: readonly number[]): number {
  if (halves.length <= 1) return halves[0] ?? 0;
  return Math.ceil(LAPLACE_95 * Math.sqrt(halves.reduce((sum, half) => sum + variance(half), 0)));
}

export function tally(points: Points): Tally {
  const halves: number[] = [];
  let [sum, gaps, busiest] = [0, 0, -1];
  points.values.forEach((value, n) => {
    if (value === null) return void gaps++;
    sum += value;
    halves.push(points.halves[n]!);
    if (busiest < 0 || value > points.values[busiest]!) busiest = n;
  });
  return { sum, half: halfOf(halves), count: halves.length, gaps, busiest };
}

/** Several streams as one: each window is the sum of those that have a number; it is a gap where none has. */
export function total(parts: readonly Points[]): Points {
  if (parts.length === 1) return parts[0]!;
  const at = new Map<number, { sum: number; halves: number[]; outage: string | null }>();
  for (const part of parts)
    part.times.forEach((time, n) => {
      const entry = at.get(time) ?? { sum: 0, halves: [], outage: null };
      at.set(time, entry);
      const value = part.values[n]!;
      if (value === null) entry.outage = part.outages[n]!;
      else {
        entry.sum += value;
        entry.halves.push(part.halves[n]!);
      }
    });
  const times = [...at.keys()].sort((a, b) => a - b);
  const entries = times.map((time) => at.get(time)!);
  return {
    times,
    values: entries.map((entry) => (entry.halves.length ? entry.sum : null)),
    halves: entries.map((entry) => halfOf(entry.halves)),
    outages: entries.map((entry) => (entry.halves.length ? null : entry.outage)),
  };
}

/** The windows of `other` that lie `shift` seconds before those at `times`, up to the hour that a clock change moves. */
export function align(other: Points, times: readonly number[], shift: number, resolution: number): Points {
  const slack = shift === 0 ? resolution / 2 : Math.min(resolution / 2, 7200);
  let at = 0;
  const found = times.map((time) => {
    const wanted = time - shift;
    while (at < other.times.length && other.times[at]! < wanted - slack) at++;
    const hit = other.times[at];
    return hit !== undefined && Math.abs(hit - wanted) <= slack ? at : -1;
  });
  return {
    times,
    values: found.map((n) => (n < 0 ? null : other.values[n]!)),
    halves: found.map((n) => (n < 0 ? 0 : other.halves[n]!)),
    outages: found.map((n) => (n < 0 ? null : other.outages[n]!)),
  };
}

/** Change between pairs of aligned points; a window counts only where both sides have a number (delta method). */
export function change(pairs: readonly (readonly [now: Points, before: Points])[]): Change | null {
  const sums = [0, 0];
  const spread = [0, 0];
  let windows = 0;
  for (const [now, before] of pairs)
    now.values.forEach((value, n) => {
      const other = before.values[n] ?? null;
      if (value === null || other === null) return;
      windows++;
      sums[0]! += value;
      sums[1]! += other;
      spread[0]! += variance(now.halves[n]!);
      spread[1]! += variance(before.halves[n]!);
    });
  const [now, before] = sums as [number, number];
  const error = NORMAL_95 * Math.sqrt(spread[0]! + (now / before) ** 2 * spread[1]!);
  if (!windows || before <= error) return null;
  const ratio = now / before - 1;
  return { now, before, windows, ratio, low: ratio - error / before, high: ratio + error / before };
}

/** The finest step that draws at most `most` windows, or the coarsest there is. */
export function stepFor(seconds: number, steps: readonly number[], most = 1500): number {
  const sorted = [...steps].sort((a, b) => a - b);
  return sorted.find((step) => seconds / step <= most) ?? sorted.at(-1) ?? DAY;
}
