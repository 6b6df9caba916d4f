/** One place: what it looks like without anybody, what was released there last, and what else there is to know. */
import { get, latest, mandateOf, refresh, type Release, type Sensor } from "../api.ts";
import { h, replace } from "../dom.ts";
import { dayTime, number } from "../format.ts";
import { t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { awake } from "../live/awake.ts";
import { crowdsOf, picture } from "../live/pictograms.ts";
import { cellWords, facts, own, page, stateMark, table, untilWords } from "../parts.ts";
import type { View } from "../router.ts";
import { measured, numberWords, span, windowWords } from "./card.ts";

const LOOK_AGAIN_MS = 60_000;

function live(sensor: Sensor, releases: readonly Release[]): HTMLElement {
  const crowds = crowdsOf(releases);
  const newest = crowds[0]?.release;
  const said = crowds.map((one) => {
    if (one.value === null) return t("live.gap", { area: one.area, why: word("outage", one.release.outage ?? "") });
    const digits = one.half < 10 ? 1 : 0;
    const about = { area: one.area, value: number(one.value, digits), half: number(one.half, digits) };
    return one.release.family === "person_seconds" ? t("live.present", about) : t("live.entered", about);
  });
  const when = newest ? t("live.when", { when: dayTime(newest.start, sensor.zone), span: span(newest.resolution) }) : "";
  return h(
    "figure",
    { class: "live-figure" },
    picture(sensor, crowds, said.join(" ") || t("live.none")),
    h(
      "figcaption",
      {},
      h("p", {}, said.length ? said.join(" ") : t("live.none"), " ", when),
      h("p", { class: "quiet" }, t("live.what"), " ", sensor.plate ? t("live.plate") : t("live.noPlate")),
    ),
  );
}

function newestTable(sensor: Sensor, releases: readonly Release[]): HTMLElement {
  const rows = releases.map((one) => [
    cellWords({ family: one.family, subject: one.subject, category: one.category, unit: one.unit }),
    numberWords(one),
    windowWords(one, sensor.zone),
  ]);
  return table(t("place.newest"), [t("place.number"), t("table.value"), t("table.window")], rows);
}

export async function placePage(id: string): Promise<View> {
  let sensor = await get<Sensor>(`/api/v1/sensors/${id}`);
  const mandate = await mandateOf(sensor);
  const slot = h("div", { class: sensor.type === "camera" ? "live-pair" : null });
  let releases = await latest(id);
  let pictured = await awake(sensor, releases);

  const show = () =>
    replace(slot, sensor.type === "camera" && live(sensor, pictured), releases.length > 0 && newestTable(sensor, pictured));
  const renew = async () => {
    [sensor, releases] = await Promise.all([get<Sensor>(`/api/v1/sensors/${id}`), latest(id)]);
    pictured = await awake(sensor, releases);
    show();
  };
  show();
  const silent = h("p", { class: "quiet", role: "status" });
  const again = () =>
    void renew().then(
      () => (silent.textContent = ""),
      () => (silent.textContent = t("live.silent", { when: dayTime(Date.now()) })),
    );
  const timer = setInterval(again, LOOK_AGAIN_MS);
  const events = new EventSource(`/api/v1/events?sensor=${id}`);
  events.addEventListener("release", () => {
    clearTimeout(soon);
    soon = setTimeout(again, 400);
  });
  let soon: ReturnType<typeof setTimeout> | undefined;
  const body = h(
    "section",
    { class: "page page-wide" },
    h("p", { class: "crumb" }, page(`/?at=${id}`, t("nav.map"))),
    h("h1", {}, icon(sensor.type, word("type", sensor.type)), sensor.name),
    h("p", {}, stateMark(sensor)),
    slot,
    silent,
    facts([
      ["card.what", measured(sensor)],
      ["card.who", mandate ? own(mandate, "accountable", "controller") : t("card.noMandate")],
      ["card.until", mandate ? untilWords(mandate) : "—"],
    ]),
    h(
      "p",
      { class: "take" },
      page(`/numbers?sensor=${id}`, t("card.numbers"), "button button-main"),
      page(`/sign/${id}`, t("card.sign"), "button"),
      mandate && page(`/mandates/${mandate.hash}`, t("card.mandate"), "button"),
      page(`/object?sensor=${id}`, t("take.contest"), "button"),
    ),
  );
  const leave = () => {
    clearInterval(timer);
    clearTimeout(soon);
    events.close();
    refresh();
  };
  return { title: sensor.name, body, leave };
}
