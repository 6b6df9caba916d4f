/** One sensor at a glance. */
import { latest, type Mandate, type Release, type Sensor } from "../api.ts";
import { h, replace } from "../dom.ts";
import { DAY } from "../charts/points.ts";
import { dayTime, number, plusMinus, seconds, weekday } from "../format.ts";
import { plural, t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { awake } from "../live/awake.ts";
import { cellWords, facts, own, page, stateMark, untilWords } from "../parts.ts";

export function span(seconds: number): string {
  if (seconds >= 86400) return t("span.day");
  if (seconds >= 3600) return plural("span.hours", Math.round(seconds / 3600));
  if (seconds >= 60) return plural("span.minutes", Math.round(seconds / 60));
  return plural("span.seconds", seconds);
}

/** When a window was; a whole day without its hour. */
export function windowWords(release: Release, zone: string): string {
  if (release.resolution >= DAY) return weekday(release.start, zone);
  return `${dayTime(release.start, zone)} · ${span(release.resolution)}`;
}

/** A number in words: never without its ±, and a gap is a gap. */
export function numberWords(release: Release): string {
  if (release.value === null) return t("number.outage", { why: word("outage", release.outage ?? "") });
  if (release.family.endsWith("_seconds")) return `${number(release.value)} ± ${seconds(release.half_width)}`;
  return plusMinus(release.value, release.half_width);
}

function newest(releases: readonly Release[]): readonly Release[] {
  const coarse = Math.max(...releases.map((one) => one.resolution));
  return releases.filter((one) => one.resolution === coarse);
}

function figures(sensor: Sensor, releases: readonly Release[]): HTMLElement | string {
  const shown = newest(releases);
  if (!shown.length) return t("card.noNumbers");
  return h(
    "ul",
    { class: shown.length > 2 ? "figures figures-many" : "figures" },
    shown.map((one) =>
      h(
        "li",
        {},
        h("strong", { class: one.value === null ? "gap" : "" }, numberWords(one)),
        h("span", {}, cellWords(one)),
        h("span", { class: "quiet" }, windowWords(one, sensor.zone)),
      ),
    ),
  );
}

export function sensorCard(sensor: Sensor, mandate: Mandate | undefined, close: () => void): HTMLElement {
  const slot = h("div", { class: "card-numbers" }, h("p", { class: "quiet" }, t("loading")));
  latest(sensor.id).then(
    async (releases) => {
      replace(slot, figures(sensor, await awake(sensor, releases)));
      const { recent, spark } = await import("../charts/spark.ts");
      const points = await recent(sensor);
      if (points && points.times.length > 2) slot.append(spark(points));
    },
    () => replace(slot, h("p", { class: "quiet" }, t("failure.silent"))),
  );
  return h(
    "section",
    { class: "card", "aria-label": sensor.name },
    h(
      "header",
      {},
      icon(sensor.type, word("type", sensor.type)),
      h("h2", {}, sensor.name),
      stateMark(sensor),
      h("button", { type: "button", class: "close", "aria-label": t("card.close"), onclick: close }, icon("cross")),
    ),
    slot,
    facts([
      ["card.what", measured(sensor)],
      ["card.who", mandate ? own(mandate, "accountable", "controller") : t("card.noMandate")],
      ["card.until", mandate ? untilWords(mandate) : "—"],
    ]),
    sensor.areas.length + sensor.lines.length > 0 && h("p", { class: "quiet" }, groundWords(sensor)),
    h(
      "p",
      { class: "card-ways" },
      page(`/numbers?sensor=${sensor.id}`, t("card.numbers"), "button button-main"),
      page(`/place/${sensor.id}`, sensor.type === "camera" ? t("card.live") : t("card.place"), "button"),
      page(`/sign/${sensor.id}`, t("card.sign"), "button"),
      mandate && page(`/mandates/${mandate.hash}`, t("card.mandate"), "button"),
    ),
  );
}

/** Whether the map shows where areas and lines lie, and how well that is known. */
function groundWords(sensor: Sensor): string {
  if (sensor.ground_error_m === null) return t("card.noGround");
  return t("card.ground", { error: number(sensor.ground_error_m, sensor.ground_error_m < 10 ? 1 : 0) });
}

/** What a sensor counts, each thing once. */
export function measured(sensor: Sensor): string {
  const things = new Set(sensor.cells.map((cell) => word("family", cell.family)));
  return [...things].join(", ") || t("card.nothing");
}
