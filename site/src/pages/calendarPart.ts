/** The year of a place as a calendar, below the chart. */
import { calendar } from "../charts/calendar.ts";
import { DAY, load, total, type Points } from "../charts/points.ts";
import { dayOf, startOf, weekdayOf } from "../charts/zone.ts";
import { h, replace } from "../dom.ts";
import { number, weekdayName } from "../format.ts";
import { t } from "../i18n/index.ts";
import { button } from "../parts.ts";
import type { Wish } from "./numbers.ts";

/** Which calendar stands there, and the year in which the chart above it ends. */
export interface Kept {
  readonly key: string;
  readonly year: number;
  readonly show: (year: number) => Promise<void>;
}

/** Mean of each weekday in words; the noise of a mean over many weeks is far below what is said. */
export function weekSentence(points: Points, zone: string, year: number): string {
  const sums = Array.from({ length: 7 }, () => [0, 0]);
  points.times.forEach((time, n) => {
    const value = points.values[n];
    if (value === null || value === undefined) return;
    const entry = sums[weekdayOf(dayOf(time, zone))]!;
    entry[0]! += value;
    entry[1]! += 1;
  });
  const means = sums.map(([sum, count]) => (count ? sum! / count : NaN));
  const known = means.filter((value) => !Number.isNaN(value));
  if (known.length < 7) return t("calendar.short", { year });
  const [most, least] = [means.indexOf(Math.max(...known)), means.indexOf(Math.min(...known))];
  return t("calendar.say", {
    year,
    most: weekdayName(most, "long"),
    mostValue: number(means[most]!),
    least: weekdayName(least, "long"),
    leastValue: number(means[least]!),
  });
}

/** Draws into `slot` unless the same calendar stands there already; it turns to another year when the chart does. */
export function calendarPart(slot: HTMLElement, wish: Wish, kept: Kept | undefined): Kept | undefined {
  const { streams, zone } = wish;
  const firsts = streams.map((one) => one.sensor.first).filter((text) => text !== null);
  const lasts = streams.map((one) => one.sensor.last).filter((text) => text !== null);
  if (!streams[0]!.sensor.resolutions.includes(DAY) || !firsts.length) {
    replace(slot);
    return undefined;
  }
  const key = streams.map((one) => `${one.sensor.id}/${one.cell.family}/${one.cell.subject}/${one.cell.category}`).join();
  const yearOf = (second: number) => Number(dayOf(second, zone).slice(0, 4));
  const year = yearOf(wish.until - 1);
  if (kept?.key === key) {
    if (kept.year !== year) void kept.show(year);
    return { ...kept, year };
  }
  const second = (text: string) => Date.parse(text) / 1000;
  const first = Math.min(...firsts.map((text) => yearOf(second(text))));
  const last = Math.max(...lasts.map((text) => yearOf(second(text) - 1)));
  const content = h("div", {});
  const years = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const buttons = years.map((one) => button(String(one), () => void show(one), "button-small"));

  async function show(wanted: number): Promise<void> {
    buttons.forEach((one, n) => one.setAttribute("aria-pressed", String(years[n] === wanted)));
    const [from, until] = [startOf(`${wanted}-01-01`, zone), startOf(`${wanted + 1}-01-01`, zone)];
    try {
      const points = total(await Promise.all(streams.map((stream) => load(stream, DAY, from, until))));
      replace(content, calendar(points, wanted, zone, wish.name), h("p", { class: "say" }, weekSentence(points, zone, wanted)));
    } catch {
      replace(content, h("p", { class: "quiet" }, t("failure.silent")));
    }
  }

  replace(
    slot,
    h(
      "section",
      { class: "calendar-part" },
      h("h2", {}, t("calendar.title")),
      h("div", { class: "buttons", role: "group", "aria-label": t("calendar.years") }, buttons),
      content,
    ),
  );
  void show(year);
  return { key, year, show };
}
