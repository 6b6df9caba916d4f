/** Numbers over time: choose what, choose when, compare, and take exactly that with you. */
import { city, get, mandateOf, sensors, type City, type Sensor } from "../api.ts";
import { DAY, iso, load, stepFor, total, type Stream } from "../charts/points.ts";
import { dayAfter, dayOf, startOf } from "../charts/zone.ts";
import { h, replace } from "../dom.ts";
import { days } from "../format.ts";
import { language, t } from "../i18n/index.ts";
import { button, cellWords, failure } from "../parts.ts";
import { note, type View } from "../router.ts";
import { ServerError } from "../api.ts";
import { calendarPart, type Kept } from "./calendarPart.ts";
import { AGAINST, compare, isAgainst, type Against } from "./compare.ts";
import { draw, type Drawn } from "./numbersChart.ts";
import { placeField } from "./placeField.ts";

export const EVERY = "all";

/** What the page shows; the address holds all of it. */
export interface Wish {
  readonly streams: readonly Stream[];
  readonly name: string;
  readonly zone: string;
  readonly from: number;
  readonly until: number;
  readonly step: number;
  readonly against: Against;
  readonly otherStreams: readonly Stream[];
  readonly otherName: string;
}

const SPANS = [
  ["range.day", DAY],
  ["range.week", 7 * DAY],
  ["range.month", 30 * DAY],
  ["range.year", 365 * DAY],
] as const;

const second = (text: string | null): number | null => (text && !Number.isNaN(Date.parse(text)) ? Date.parse(text) / 1000 : null);
const cellId = (stream: Stream): string => [stream.cell.family, stream.cell.subject, stream.cell.category].join("/");

function extent(chosen: readonly Sensor[]): [number, number] {
  const firsts = chosen.map((one) => second(one.first)).filter((value) => value !== null);
  const lasts = chosen.map((one) => second(one.last)).filter((value) => value !== null);
  const now = Date.now() / 1000;
  return [Math.min(now, ...firsts), lasts.length ? Math.max(...lasts) : now];
}

function select(
  label: string,
  id: string,
  options: readonly (readonly [string, string])[],
  value: string,
  chosen: (value: string) => void,
): HTMLElement {
  const field: HTMLSelectElement = h(
    "select",
    { id, onchange: () => chosen(field.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
  );
  return h("div", { class: "field" }, h("label", { for: id }, label), field);
}

/** Sensors that the address names and the first thousand do not hold. */
async function others(query: URLSearchParams, first: readonly Sensor[]): Promise<Sensor[]> {
  const wanted = [query.get("sensor"), query.get("other")].filter(
    (id) => id && id !== EVERY && !first.some((one) => one.id === id),
  );
  const found = await Promise.all(wanted.map((id) => get<Sensor>(`/api/v1/sensors/${id}`).catch(() => null)));
  return found.filter((one) => one !== null);
}

export async function numbersPage(query: URLSearchParams): Promise<View> {
  const [found, first] = await Promise.all([city(), sensors()]);
  const known = [...first, ...(await others(query, first))];
  const body = h("section", { class: "page page-wide" });
  let drawn: Drawn | undefined;
  let calendarDrawn: Kept | undefined;
  let turn = 0;

  const isWhole = found.cameras + found.counters <= known.length;
  const counters = (isWhole ? known : []).filter((one) => one.cells.some((cell) => cell.family === "counter_passages"));
  const state = {
    sensor: query.get("sensor") ?? (counters.length > 1 ? EVERY : (known[0]?.id ?? "")),
    cell: query.get("cell") ?? "",
    from: second(query.get("from")),
    until: second(query.get("until")),
    step: Number(query.get("step")) || 0,
    against: isAgainst(query.get("against")) ? (query.get("against") as Against) : ("none" as Against),
    other: query.get("other") ?? "",
  };

  const streamsOf = (id: string, cell: string): Stream[] => {
    if (id === EVERY)
      return counters.map((sensor) => ({ sensor, cell: sensor.cells.find((one) => one.family === "counter_passages")! }));
    const sensor = known.find((one) => one.id === id);
    const all = sensor?.cells.map((one) => ({ sensor, cell: one })) ?? [];
    return all
      .filter((stream) => cellId(stream) === cell)
      .concat(all)
      .slice(0, 1);
  };
  const nameOf = (id: string): string =>
    id === EVERY ? t("numbers.every", { n: counters.length }) : (known.find((one) => one.id === id)?.name ?? id);

  function wish(): Wish | null {
    const streams = streamsOf(state.sensor, state.cell);
    if (!streams.length) return null;
    const [first, last] = extent(streams.map((one) => one.sensor));
    const steps = streams[0]!.sensor.resolutions;
    const until = Math.min(state.until ?? last, last);
    const from = Math.max(Math.min(state.from ?? first, until - Math.min(...steps)), first);
    const many = streams.length > 1 ? steps.filter((step) => step >= DAY) : steps;
    const usable = many.length ? many : steps;
    const step =
      usable.includes(state.step) && (until - from) / state.step <= 20_000 ? state.step : stepFor(until - from, usable);
    const otherStreams =
      state.against === "place" ? streamsOf(state.other || known.find((one) => one.id !== state.sensor)?.id || "", "") : streams;
    const otherName = state.against === "place" ? nameOf(otherStreams[0]?.sensor.id ?? "") : t(`against.${state.against}`);
    return {
      streams,
      name: nameOf(state.sensor),
      zone: streams[0]!.sensor.zone,
      from,
      until,
      step,
      against: state.against,
      otherStreams,
      otherName,
    };
  }

  function go(change: Partial<typeof state>): void {
    Object.assign(state, change);
    note({
      sensor: state.sensor,
      cell: state.cell || null,
      from: state.from === null ? null : iso(Math.round(state.from)),
      until: state.until === null ? null : iso(Math.round(state.until)),
      step: state.step ? String(state.step) : null,
      against: state.against === "none" ? null : state.against,
      other: state.against === "place" ? state.other : null,
    });
    void show();
  }

  const controls = h("div", { class: "controls" });
  const ranges = h("div", { class: "ranges" });
  const slot = h("div", { class: "chart-slot" });
  const more = h("div", {});

  /** A list of all places, or a search where they are too many for one. */
  function place(
    id: string,
    label: string,
    now: string,
    options: readonly (readonly [string, string])[],
    chosen: (id: string) => void,
  ): HTMLElement {
    if (isWhole) return select(label, id, options, now, chosen);
    return placeField(label, id, nameOf(now), (sensor) => {
      if (!known.includes(sensor)) known.push(sensor);
      chosen(sensor.id);
    });
  }

  function drawControls(now: Wish): void {
    const options: [string, string][] = known.map((one) => [one.id, one.name]);
    if (counters.length > 1) options.unshift([EVERY, nameOf(EVERY)]);
    const cells =
      now.streams.length === 1 ? now.streams[0]!.sensor.cells.map((cell) => ({ sensor: now.streams[0]!.sensor, cell })) : [];
    const against = AGAINST.filter((one) => one !== "place" || known.length > 1);
    replace(
      controls,
      place("where", t("numbers.where"), state.sensor, options, (sensor) =>
        go({ sensor, cell: "", from: null, until: null, step: 0 }),
      ),
      cells.length > 1 &&
        select(
          t("numbers.what"),
          "what",
          cells.map((one) => [cellId(one), cellWords(one.cell)]),
          cellId(now.streams[0]!),
          (cell) => go({ cell }),
        ),
      select(
        t("numbers.against"),
        "against",
        against.map((one) => [one, t(`against.${one}`)]),
        now.against,
        (value) => go({ against: value as Against }),
      ),
      now.against === "place" &&
        place(
          "other",
          t("numbers.other"),
          now.otherStreams[0]?.sensor.id ?? "",
          options.filter(([id]) => id !== state.sensor && id !== EVERY),
          (other) => go({ other }),
        ),
    );
    const width = now.until - now.from;
    const [first, last] = extent(now.streams.map((one) => one.sensor));
    const move = (by: number) => {
      const shift = Math.max(first - now.from, Math.min(last - now.until, by * width));
      go({ from: now.from + shift, until: now.until + shift });
    };
    const jump = (seconds: number) => {
      const until = state.until ?? last;
      go({ from: Math.max(first, until - seconds), until, step: 0 });
    };
    const from = dateField("from", t("numbers.from"), dayOf(now.from, now.zone), (day) =>
      go({ from: startOf(day, now.zone), until: now.until, step: 0 }),
    );
    const until = dateField("until", t("numbers.until"), dayOf(now.until - 1, now.zone), (day) =>
      go({ from: now.from, until: startOf(dayAfter(day), now.zone), step: 0 }),
    );
    replace(
      ranges,
      h(
        "div",
        { class: "buttons", role: "group", "aria-label": t("range.label") },
        SPANS.filter(([, seconds]) => seconds < (last - first) * 1.5).map(([key, seconds]) =>
          button(t(key), () => jump(seconds), "button-small"),
        ),
        button(t("range.all"), () => go({ from: null, until: null, step: 0 }), "button-small"),
      ),
      h(
        "div",
        { class: "buttons" },
        button("←", () => move(-1), "button-small", undefined),
        button("→", () => move(1), "button-small", undefined),
      ),
      from,
      until,
      moments(found, now, go),
    );
    const [back, on] = ranges.querySelectorAll(".buttons")[1]!.children;
    back!.setAttribute("aria-label", t("range.back"));
    on!.setAttribute("aria-label", t("range.on"));
  }

  async function show(): Promise<void> {
    const mine = ++turn;
    const now = wish();
    if (!now) return replace(slot, h("p", {}, t("numbers.nothing")));
    drawControls(now);
    slot.setAttribute("aria-busy", "true");
    try {
      const parts = await Promise.all(now.streams.map((stream) => load(stream, now.step, now.from, now.until)));
      const [against, mandate] = await Promise.all([compare(now, parts), mandateOf(now.streams[0]!.sensor)]);
      if (mine !== turn) return;
      drawn?.destroy();
      drawn = draw(now, total(parts), against, mandate, found, (from, until) => go({ from, until, step: 0 }));
      replace(slot, drawn.element);
    } catch (error) {
      if (mine !== turn) return;
      replace(
        slot,
        failure(error instanceof ServerError ? error : new ServerError(0, String(error)), () => void show()),
      );
    }
    slot.removeAttribute("aria-busy");
    calendarDrawn = calendarPart(more, now, calendarDrawn);
  }

  replace(body, h("h1", {}, t("numbers.title")), h("p", { class: "lead" }, t("numbers.lead")), controls, ranges, slot, more);
  void show();
  const leave = () => {
    turn = -1;
    drawn?.destroy();
  };
  return { title: t("numbers.title"), body, leave };
}

function dateField(id: string, label: string, value: string, chosen: (day: string) => void): HTMLElement {
  const field: HTMLInputElement = h("input", { type: "date", id, value, onchange: () => field.value && chosen(field.value) });
  return h("div", { class: "field field-date" }, h("label", { for: id }, label), field);
}

function moments(
  found: City,
  now: Wish,
  go: (change: { from: number; until: number; step: number; against: Against }) => void,
): HTMLElement | null {
  const mine = (found.moments ?? []).filter((one) => {
    const [first, last] = [startOf(one.first, now.zone), startOf(dayAfter(one.last), now.zone)];
    const [low, high] = extent(now.streams.map((stream) => stream.sensor));
    return first >= low && last <= high;
  });
  if (!mine.length) return null;
  return h(
    "div",
    { class: "buttons moments" },
    mine.map((one) => {
      const [from, until] = [startOf(one.first, now.zone), startOf(dayAfter(one.last), now.zone)];
      const title = one.title[language()] ?? one.title["en"] ?? Object.values(one.title)[0] ?? "";
      return button(
        `${title} · ${days(from * 1000, until * 1000, now.zone)}`,
        () => go({ from, until, step: 0, against: "dates" }),
        "button-small",
      );
    }),
  );
}
