/** The first page: where something is measured, what, by whom, until when. */
import {
  city,
  get,
  LISTED,
  listed,
  mandateOf,
  search,
  type Bounds,
  type City,
  type Page,
  type Place,
  type Sensor,
} from "../api.ts";
import { h, replace } from "../dom.ts";
import { plural, t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import type { MapView } from "../map/view.ts";
import { note, type View } from "../router.ts";
import { button, stateMark, untilWords } from "../parts.ts";

const TYPING_MS = 150;

function intro(found: City): HTMLElement {
  const { cameras, counters } = found;
  const words = [cameras > 0 && plural("intro.cameras", cameras), counters > 0 && plural("intro.counters", counters)];
  return h(
    "div",
    { class: "intro" },
    h("h1", {}, t("intro.title", { city: found.name })),
    h("p", { class: "lead" }, t("intro.text", { what: words.filter(Boolean).join(" · ") })),
  );
}

function legend(): HTMLElement {
  const rows = [
    ["camera", "measuring"],
    ["counter", "measuring"],
    ["counter", "outage"],
    ["camera", "asleep"],
  ] as const;
  const dots = rows.map(([type, state]) =>
    h(
      "li",
      {},
      h("i", { class: `dot dot-${type} dot-${state}`, "aria-hidden": "true" }),
      `${word("type", type)}: ${word("state", state)}`,
    ),
  );
  return h(
    "ul",
    { class: "legend", "aria-label": t("map.legend") },
    dots,
    h("li", {}, h("i", { class: "dot dot-area", "aria-hidden": "true" }), t("map.area")),
    h("li", {}, h("i", { class: "dot dot-line", "aria-hidden": "true" }), t("map.line")),
  );
}

async function draw(container: HTMLElement, found: City, bounds: Bounds, chosen: (id: string) => void): Promise<MapView | null> {
  const base = get<object>("/api/v1/basemap").catch(() => ({ type: "FeatureCollection", features: [] }));
  try {
    const { makeMap } = await import("../map/view.ts");
    return makeMap(container, found, await base, bounds, chosen);
  } catch {
    replace(container, h("p", { class: "map-none" }, t("map.none")));
    return null;
  }
}

function item(sensor: Sensor, choose: (sensor: Sensor) => void): HTMLElement {
  const more = h("span", { class: "row-more" }, "…");
  mandateOf(sensor).then(
    (mandate) => (more.textContent = mandate ? untilWords(mandate) : t("card.noMandate")),
    () => (more.textContent = ""),
  );
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "row", "data-sensor": sensor.id, onclick: () => choose(sensor) },
      icon(sensor.type, word("type", sensor.type)),
      h("span", { class: "row-name" }, sensor.name),
      stateMark(sensor),
      more,
    ),
  );
}

const inside = (sensor: Sensor, [west, south, east, north]: Bounds): boolean =>
  sensor.longitude >= west && sensor.longitude <= east && sensor.latitude >= south && sensor.latitude <= north;

export async function mapPage(query: URLSearchParams): Promise<View> {
  const wanted = query.get("at");
  const [found, first, start] = await Promise.all([
    city(),
    listed(),
    wanted ? get<Sensor>(`/api/v1/sensors/${wanted}`).catch(() => null) : null,
  ]);
  const container = h("div", { class: "map" });
  const card = h("div", { class: "card-slot", "aria-live": "polite" });
  const list = h("ul", { class: "rows" });
  const more = h("p", { class: "quiet", role: "status" });
  const field = h("input", {
    type: "search",
    id: "find",
    autocomplete: "off",
    maxlength: 80,
    placeholder: t("find.hint"),
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => void find(), TYPING_MS);
    },
  });
  let typing: ReturnType<typeof setTimeout> | undefined;
  let map: MapView | null = null;
  let gone = false;
  let chosen: Sensor | null = null;

  function fill(hits: Page<Sensor>, isAll: boolean): void {
    replace(
      list,
      hits.items.map((one) => item(one, choose)),
    );
    press();
    const left = found.cameras + found.counters - hits.items.length;
    if (!hits.items.length) more.textContent = t("find.none");
    else if (hits.next === null) more.textContent = "";
    else more.textContent = isAll ? plural("find.more", left) : t("find.narrow", { n: LISTED });
  }

  async function find(): Promise<void> {
    const words = field.value.trim();
    try {
      const hits = await search(words, LISTED);
      if (words === field.value.trim()) fill(hits, !words);
    } catch {
      more.textContent = t("failure.silent");
    }
  }

  function press(): void {
    for (const row of list.querySelectorAll("button"))
      row.setAttribute("aria-pressed", String(row.dataset["sensor"] === chosen?.id));
  }

  function choose(sensor: Sensor | null): void {
    chosen = sensor;
    press();
    note({ at: sensor?.id ?? null });
    map?.choose(sensor);
    if (!sensor) return replace(card);
    void Promise.all([import("./card.ts"), mandateOf(sensor).catch(() => undefined)]).then(([{ sensorCard }, mandate]) => {
      if (chosen !== sensor) return;
      replace(
        card,
        sensorCard(sensor, mandate, () => choose(null)),
      );
      card.scrollIntoView({ block: "nearest" });
    });
  }

  const chooseById = (id: string): void => void get<Sensor>(`/api/v1/sensors/${id}`).then(choose, () => {});

  fill(first, true);
  const place = (start && found.places.find((one) => inside(start, one.bounds))) ?? found.places[0];
  if (place)
    void draw(container, found, place.bounds, chooseById).then((made) => {
      if (gone) return made?.remove();
      map = made;
      if (start) map?.choose(start);
    });
  if (start) queueMicrotask(() => choose(start));
  const ways =
    found.places.length > 1 &&
    h(
      "div",
      { class: "places", role: "group", "aria-label": t("map.places") },
      found.places.map((one) => button(placeName(one), () => map?.fit(one.bounds), "button-small")),
    );
  const body = h(
    "div",
    { class: "home" },
    h(
      "div",
      { class: "home-side" },
      intro(found),
      card,
      h("search", { class: "find" }, h("label", { for: "find" }, t("find.label")), field, list, more),
      found.notes.length > 0 &&
        h(
          "ul",
          { class: "notes" },
          found.notes.map((text) => h("li", { lang: "en" }, text)),
        ),
      thanks(found),
    ),
    h("div", { class: "home-map" }, container, h("div", { class: "home-map-foot" }, ways, legend())),
  );
  const leave = () => {
    gone = true;
    clearTimeout(typing);
    map?.remove();
  };
  return { title: t("nav.map"), body, leave };
}

const placeName = (place: Place): string =>
  place.name ?? `${place.zone.split("/").at(-1)!.replaceAll("_", " ")} · ${place.sensors}`;

function thanks(found: City): HTMLElement | null {
  if (!found.attributions.length) return null;
  return h(
    "ul",
    { class: "thanks" },
    found.attributions.map((one) =>
      h("li", { lang: "en" }, h("a", { href: one.url, rel: "noreferrer external" }, one.text), ` · ${one.licence}`),
    ),
  );
}
