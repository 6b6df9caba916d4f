/** A year as a calendar: a square for each day, darker where there were more; a gap stays a gap. */
import { h, s } from "../dom.ts";
import { monthName, plusMinus, weekday, weekdayName } from "../format.ts";
import { t, word } from "../i18n/index.ts";
import type { Points } from "./points.ts";
import { dayAfter, dayOf, weekdayOf } from "./zone.ts";

const [SIZE, GAP, LEFT, TOP] = [13, 3, 34, 20];
const SHADES = 6;

/** Shade 0 … SHADES-1 of each value by its rank among the year's, so that one festival does not bleach the rest. */
export function shades(values: readonly (number | null)[]): (number | null)[] {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return values.map((value) => {
    if (value === null) return null;
    const rank = sorted.findIndex((other) => other >= value);
    return Math.min(SHADES - 1, Math.floor((rank / Math.max(1, sorted.length)) * SHADES));
  });
}

export function calendar(points: Points, year: number, zone: string, name: string): HTMLElement {
  const byDay = new Map(points.times.map((time, n) => [dayOf(time, zone), n]));
  const shade = shades(points.values);
  const first = `${year}-01-01`;
  const lead = weekdayOf(first);
  const squares: Element[] = [];
  const months: Element[] = [];
  const readout = h("p", { class: "readout" }, t("calendar.hint"));
  for (let n = 0; ; n++) {
    const day = dayAfter(first, n);
    if (!day.startsWith(String(year))) break;
    const [x, y] = [LEFT + Math.floor((n + lead) / 7) * (SIZE + GAP), TOP + ((n + lead) % 7) * (SIZE + GAP)];
    if (day.endsWith("-01")) months.push(s("text", { x, y: TOP - 8 }, monthName(Number(day.slice(5, 7)) - 1)));
    const at = byDay.get(day);
    const words = `${weekday(`${day}T12:00:00Z`, "UTC")}: ${sayOf(points, at)}`;
    const look = at === undefined ? "none" : points.values[at] === null ? "gap" : `s${shade[at]}`;
    const square = s("rect", { x, y, width: SIZE, height: SIZE, rx: 2.5, class: `cal-${look}` }, s("title", {}, words));
    square.addEventListener("pointerenter", () => (readout.textContent = words));
    squares.push(square);
  }
  const days = [0, 2, 4, 6].map((n) =>
    s("text", { x: LEFT - 8, y: TOP + n * (SIZE + GAP) + SIZE - 2, "text-anchor": "end" }, weekdayName(n)),
  );
  const width = LEFT + 54 * (SIZE + GAP);
  const picture = s(
    "svg",
    {
      class: "calendar",
      viewBox: `0 0 ${width} ${TOP + 7 * (SIZE + GAP)}`,
      role: "img",
      "aria-label": t("calendar.label", { name, year }),
    },
    months,
    days,
    squares,
  );
  const key = h(
    "p",
    { class: "cal-key" },
    t("calendar.fewer"),
    Array.from({ length: SHADES }, (_, n) => h("i", { class: `cal-box cal-s${n}`, "aria-hidden": "true" })),
    t("calendar.more"),
    h("i", { class: "cal-box cal-gap", "aria-hidden": "true" }),
    t("calendar.gap"),
  );
  return h(
    "div",
    {},
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("calendar.label", { name, year }) }, picture),
    h("div", { class: "cal-foot" }, key, readout),
  );
}

function sayOf(points: Points, at: number | undefined): string {
  if (at === undefined) return t("number.none");
  const value = points.values[at]!;
  return value === null
    ? t("number.outage", { why: word("outage", points.outages[at] ?? "") })
    : plusMinus(value, points.halves[at]!);
}
