/** Against what the numbers are held. */
import { align, change, DAY, load, total, type Change, type Points } from "../charts/points.ts";
import { dayOf, startOf } from "../charts/zone.ts";
import type { Wish } from "./numbers.ts";

export const AGAINST = ["none", "week", "year", "dates", "place"] as const;
export type Against = (typeof AGAINST)[number];
export const isAgainst = (text: string | null): text is Against => AGAINST.includes(text as Against);

export interface Compared {
  readonly other: Points;
  readonly name: string;
  readonly change: Change | null;
  /** Where the other windows begin and end. */
  readonly from: number;
  readonly until: number;
}

/** Seconds back to the same windows: a week, 52 weeks (the same weekdays), or the same dates of the year before. */
function shiftOf(wish: Wish): number {
  if (wish.against === "week") return 7 * DAY;
  if (wish.against === "year") return 364 * DAY;
  if (wish.against === "dates") {
    const day = dayOf(wish.from, wish.zone);
    const before = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
    return Math.round((startOf(day, wish.zone) - startOf(before, wish.zone)) / DAY) * DAY;
  }
  return 0;
}

/** Load the other side; each stream is compared with its own past, window by window, before anything is summed. */
export async function compare(wish: Wish, parts: readonly Points[]): Promise<Compared | null> {
  if (wish.against === "none") return null;
  const shift = shiftOf(wish);
  const slack = 2 * 3600;
  const streams = wish.against === "place" ? wish.otherStreams : wish.streams;
  const pasts = await Promise.all(
    streams.map((stream) => load(stream, wish.step, wish.from - shift - slack, wish.until - shift + slack)),
  );
  const shown = total(parts);
  const aligned = pasts.map((past, n) => align(past, wish.against === "place" ? shown.times : parts[n]!.times, shift, wish.step));
  const pairs =
    wish.against === "place" ? [[shown, total(aligned)] as const] : aligned.map((past, n) => [parts[n]!, past] as const);
  const other = align(total(aligned), shown.times, 0, wish.step);
  return { other, name: wish.otherName, change: change(pairs), from: wish.from - shift, until: wish.until - shift };
}
