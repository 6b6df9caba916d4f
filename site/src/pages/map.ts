/** The first page: where something is measured, what, by whom, until when. */
import { city, get, mandates, sensors, type City, type Mandate, type Sensor } from "../api.ts";
import { h, replace } from "../dom.ts";
import { plural, t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import type { MapView } from "../map/view.ts";
import { placesOf, type Place } from "../map/places.ts";
import { note, type View } from "../router.ts";
import { button, mandateOf, stateMark, untilWords } from "../parts.ts";

const LISTED = 60;

function intro(found: City, known: readonly Sensor[]): HTMLElement {
  const cameras = known.filter((one) => one.type === "camera").length;
  const counters = known.length - cameras;
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
  return h(
    "ul",
    { class: "legend", "aria-label": t("map.legend") },
    rows.map(([type, state]) =>
      h(
        "li",
        {},
        h("i", { class: `dot dot-${type} dot-${state}`, "aria-hidden": "true" }),
        `${word("type", type)}: ${word("state", state)}`,
      ),
    ),
  );
}

async function draw(
  container: HTMLElement,
  found: City,
  known: readonly Sensor[],
  place: Place,
  chosen: (id: string) => void,
): Promise<MapView | null> {
  const base = get<object>("/api/v1/basemap").catch(() => ({ type: "FeatureCollection", features: [] }));
  try {
    const { makeMap } = await import("../map/view.ts");
    return makeMap(container, found, known, await base, place.bounds, chosen);
  } catch {
    replace(container, h("p", { class: "map-none" }, t("map.none")));
    return null;
  }
}

function item(sensor: Sensor, known: readonly Mandate[], choose: (sensor: Sensor) => void): HTMLElement {
  const mandate = mandateOf(sensor, known);
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "row", "data-sensor": sensor.id, onclick: () => choose(sensor) },
      icon(sensor.type, word("type", sensor.type)),
      h("span", { class: "row-name" }, sensor.name),
      stateMark(sensor),
      h("span", { class: "row-more" }, mandate ? untilWords(mandate) : t("card.noMandate")),
    ),
  );
}

export async function mapPage(query: URLSearchParams): Promise<View> {
  const [found, known, decided] = await Promise.all([city(), sensors(), mandates()]);
  const places = placesOf(known);
  const container = h("div", { class: "map" });
  const card = h("div", { class: "card-slot", "aria-live": "polite" });
  const list = h("ul", { class: "rows" });
  const more = h("p", { class: "quiet" });
  const search = h("input", {
    type: "search",
    id: "find",
    autocomplete: "off",
    placeholder: t("find.hint"),
    oninput: () => fill(),
  });
  let map: MapView | null = null;
  let gone = false;

  function fill(): void {
    const wanted = search.value.trim().toLocaleLowerCase();
    const hits = known.filter((one) => !wanted || `${one.name} ${one.id}`.toLocaleLowerCase().includes(wanted));
    replace(
      list,
      hits.slice(0, LISTED).map((one) => item(one, decided, choose)),
    );
    more.textContent = hits.length > LISTED ? plural("find.more", hits.length - LISTED) : hits.length ? "" : t("find.none");
  }

  let chosen: Sensor | null = null;

  function choose(sensor: Sensor | null): void {
    chosen = sensor;
    for (const row of list.querySelectorAll("button"))
      row.setAttribute("aria-pressed", String(row.dataset["sensor"] === sensor?.id));
    note({ at: sensor?.id ?? null });
    map?.choose(sensor);
    if (!sensor) return replace(card);
    void import("./card.ts").then(({ sensorCard }) => {
      if (chosen !== sensor) return;
      replace(
        card,
        sensorCard(sensor, mandateOf(sensor, decided), () => choose(null)),
      );
      card.scrollIntoView({ block: "nearest" });
    });
  }

  const byId = new Map(known.map((one) => [one.id, one]));
  fill();
  const start = byId.get(query.get("at") ?? "");
  const first = (start && places.find((place) => place.sensors.includes(start))) ?? places[0];
  if (first)
    void draw(container, found, known, first, (id) => choose(byId.get(id) ?? null)).then((made) => {
      if (gone) return made?.remove();
      map = made;
      if (start) map?.choose(start);
    });
  if (start) queueMicrotask(() => choose(start));
  const ways =
    places.length > 1 &&
    h(
      "div",
      { class: "places", role: "group", "aria-label": t("map.places") },
      places.slice(0, 8).map((place) => button(placeName(place), () => map?.fit(place.bounds), "button-small")),
    );
  const body = h(
    "div",
    { class: "home" },
    h(
      "div",
      { class: "home-side" },
      intro(found, known),
      card,
      h("search", { class: "find" }, h("label", { for: "find" }, t("find.label")), search, list, more),
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
    map?.remove();
  };
  return { title: t("nav.map"), body, leave };
}

function placeName(place: Place): string {
  const zone = place.sensors[0]!.zone.split("/").at(-1)!.replaceAll("_", " ");
  return place.sensors.length === 1 ? place.sensors[0]!.name : `${zone} · ${place.sensors.length}`;
}

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
