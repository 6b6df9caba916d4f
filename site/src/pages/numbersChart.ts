/** The chart of the numbers, what it says in words, its table, and its files. */
import { address, type City, type Mandate } from "../api.ts";
import { lineChart } from "../charts/line.ts";
import { DAY, iso, tally, type Points } from "../charts/points.ts";
import { h, replace } from "../dom.ts";
import { day, days, dayTime, number, percent } from "../format.ts";
import { plural, t, word, type PluralKey } from "../i18n/index.ts";
import { licenceLink, page, table } from "../parts.ts";
import { span } from "./card.ts";
import type { Compared } from "./compare.ts";
import type { Wish } from "./numbers.ts";
import { receiptButton } from "./receiptButton.ts";

export interface Drawn {
  readonly element: HTMLElement;
  readonly destroy: () => void;
}

const TABLE_ROWS = 400;
const SUMMED: readonly string[] = [
  "counter_passages",
  "area_entries",
  "line_crossings",
  "person_seconds",
  "close_pair_seconds",
  "speed",
];

const when = (wish: Wish, from = wish.from, until = wish.until): string =>
  until - from < DAY
    ? `${dayTime(from * 1000, wish.zone)} – ${dayTime(until * 1000, wish.zone)}`
    : days(from * 1000, until * 1000, wish.zone);

function amount(wish: Wish, sum: number): string {
  const family = wish.streams[0]!.cell.family;
  return SUMMED.includes(family) ? plural(`sum.${family}` as PluralKey, Math.round(sum)) : number(sum);
}

/** What the chart shows and how sure it is. */
export function sentence(wish: Wish, points: Points): string {
  const found = tally(points);
  if (!found.count) return t("say.nothing", { when: when(wish) });
  const said = [t("say.sum", { when: when(wish), name: wish.name, amount: amount(wish, found.sum), half: number(found.half) })];
  if (found.count > 2) {
    const at = points.times[found.busiest]! * 1000;
    const moment = wish.step >= DAY ? day(at, wish.zone) : dayTime(at, wish.zone);
    said.push(
      t("say.busiest", { moment, value: number(points.values[found.busiest]!), half: number(points.halves[found.busiest]!) }),
    );
  }
  if (found.gaps) said.push(plural("say.gaps", found.gaps));
  return said.join(" ");
}

export function comparison(wish: Wish, against: Compared): string {
  const found = against.change;
  if (!found) return t("say.incomparable");
  const digits = found.high - found.low < 0.004 ? 2 : 1;
  const values = {
    change: signed(found.ratio, digits),
    low: signed(found.low, digits),
    high: signed(found.high, digits),
    now: number(found.now),
    before: number(found.before),
    other: wish.against === "place" ? against.name : when(wish, against.from, against.until),
  };
  return `${t("say.change", values)} ${plural("say.matched", found.windows)}`;
}

const signed = (share: number, digits: number): string => `${share > 0 ? "+" : ""}${percent(share, digits)}`;

function rows(wish: Wish, points: Points, against: Compared | null): HTMLElement {
  const head = [t("table.window"), t("table.value"), t("table.half"), ...(against ? [against.name] : [])];
  const shown = points.times.slice(-TABLE_ROWS).map((time, n) => {
    const at = points.times.length > TABLE_ROWS ? points.times.length - TABLE_ROWS + n : n;
    const value = points.values[at]!;
    const other = against?.other.values[at];
    return [
      wish.step >= DAY ? day(time * 1000, wish.zone) : dayTime(time * 1000, wish.zone),
      value === null ? t("number.outage", { why: word("outage", points.outages[at] ?? "") }) : number(value),
      value === null ? "—" : `± ${number(points.halves[at]!)}`,
      ...(against
        ? [other === null || other === undefined ? "—" : `${number(other)} ± ${number(against.other.halves[at]!)}`]
        : []),
    ];
  });
  return table(t("table.caption", { name: wish.name, when: when(wish) }), head, shown);
}

/** Address of a file with exactly what is shown. */
export function fileAddress(wish: Wish, form: "csv" | "parquet"): string {
  const { sensor, cell } = wish.streams[0]!;
  const one = wish.streams.length === 1 ? { sensor: sensor.id, subject: cell.subject } : {};
  const { family, category } = cell;
  return address(`/data/selection.${form}`, {
    ...one,
    family,
    category,
    resolution: wish.step,
    start: iso(Math.round(wish.from)),
    end: iso(Math.round(wish.until)),
  });
}

export function draw(
  wish: Wish,
  points: Points,
  against: Compared | null,
  mandate: Mandate | undefined,
  found: City,
  zoomed: (from: number, until: number) => void,
): Drawn {
  const says = sentence(wish, points);
  const chart = lineChart(
    {
      points,
      other: against?.other ?? null,
      otherName: against?.name ?? "",
      zone: wish.zone,
      resolution: wish.step,
      label: says,
    },
    (from, until) => zoomed(Math.floor(from / wish.step) * wish.step, Math.ceil(until / wish.step) * wish.step),
  );
  const listed = h("div", {});
  const details: HTMLDetailsElement = h(
    "details",
    { ontoggle: () => details.open && !listed.firstChild && replace(listed, rows(wish, points, against)) },
    h("summary", {}, t("table.show")),
    listed,
  );
  const element = h(
    "figure",
    { class: "numbers" },
    h(
      "p",
      { class: "key" },
      h("span", { class: "key-one" }, wish.name),
      against && h("span", { class: "key-two" }, against.name),
      h("span", { class: "key-band" }, t("chart.band")),
      h("span", { class: "key-gap" }, t("chart.gap")),
      h("span", { class: "key-step" }, t("chart.step", { span: span(wish.step) })),
    ),
    chart.element,
    h(
      "figcaption",
      { class: "say" },
      h("p", {}, says),
      against && h("p", { class: "say-change" }, comparison(wish, against)),
      h("p", { class: "quiet" }, t("say.error")),
    ),
    h(
      "div",
      { class: "take" },
      h("a", { class: "button", href: fileAddress(wish, "csv"), download: "" }, t("take.csv")),
      h("a", { class: "button", href: fileAddress(wish, "parquet"), download: "" }, t("take.parquet")),
      receiptButton(wish),
      mandate && page(`/mandates/${mandate.hash}`, t("card.mandate"), "button"),
      wish.streams.length === 1 && page(`/object?sensor=${wish.streams[0]!.sensor.id}`, t("take.contest"), "button"),
      h("span", { class: "take-say quiet" }, t("take.licence"), " ", licenceLink(found)),
    ),
    details,
  );
  return { element, destroy: chart.destroy };
}
