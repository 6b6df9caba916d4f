/** All that the city decided to measure: in force, pending, ended, and the history of it at a glance. */
import { mandates, sensors, type End, type Mandate, type Sensor } from "../api.ts";
import { h } from "../dom.ts";
import { day, dayTime, list } from "../format.ts";
import { plural, t } from "../i18n/index.ts";
import { eventsOf } from "../mandate/events.ts";
import { timeline } from "../mandate/timeline.ts";
import { mandateMark, own, page, untilWords } from "../parts.ts";
import type { View } from "../router.ts";

const DAY_MS = 86_400_000;
const GROUPS = [
  ["mandates.pending", ["logged", "notice", "approved"]],
  ["mandates.inForce", ["in-force"]],
  ["mandates.ended", ["suspended", "revoked", "expired"]],
] as const;

/** How long residents still have to comment, while the notice period runs. */
export function commentWords(mandate: Mandate): string {
  if (mandate.state === "notice" && mandate.in_force_from) {
    const left = Math.ceil((Date.parse(mandate.in_force_from) - Date.now()) / DAY_MS);
    return left > 0 ? plural("mandates.daysLeft", left) : t("mandates.lastDay");
  }
  const end = mandate.ends.at(-1);
  if (end) return `${t("event.by", { who: list(end.signed_by) })}, ${endedWhen(end)}`;
  return mandate.state === "logged"
    ? t("mandates.waits")
    : mandate.state === "approved"
      ? t("mandates.starts", { day: day(mandate.starts) })
      : untilWords(mandate);
}

const endedWhen = (end: End): string => (end.public_since ? dayTime(end.public_since) : t("end.soon"));

/** When a mandate was stopped, and by whose keys. */
export const stopWords = (end: End): string =>
  t(end.kind === "suspension" ? "end.suspension" : "end.revocation", { when: endedWhen(end), who: list(end.signed_by) });

function entry(mandate: Mandate, known: ReadonlyMap<string, Sensor>): HTMLElement {
  const names = mandate.sensors.slice(0, 4).map((id) => known.get(id)?.name ?? id);
  const rest = mandate.sensors.length - names.length;
  return h(
    "li",
    { class: "mandate-entry" },
    h("h3", { lang: "en" }, page(`/mandates/${mandate.hash}`, own(mandate, "mandate", "title"))),
    h("p", {}, mandateMark(mandate), " ", h("span", { class: "quiet" }, commentWords(mandate))),
    h("p", {}, own(mandate, "purpose", "question")),
    h("p", { class: "quiet" }, rest > 0 ? `${names.join(", ")} ${plural("mandates.more", rest)}` : list(names)),
  );
}

export async function mandatesPage(): Promise<View> {
  const [decided, known] = await Promise.all([mandates(), sensors()]);
  const byId = new Map(known.map((one) => [one.id, one]));
  const groups = GROUPS.map(([key, states]) => {
    const mine = decided.filter((one) => (states as readonly string[]).includes(one.state)).reverse();
    if (!mine.length && key !== "mandates.pending") return null;
    return h(
      "section",
      {},
      h("h2", {}, t(key)),
      mine.length
        ? h(
            "ul",
            { class: "mandate-list" },
            mine.map((one) => entry(one, byId)),
          )
        : h("p", { class: "quiet" }, t("mandates.nonePending")),
    );
  });
  const events = eventsOf(decided);
  const body = h(
    "section",
    { class: "page page-wide" },
    h("h1", {}, t("mandates.title")),
    h("p", { class: "lead" }, t("mandates.lead")),
    groups,
    decided.length > 0 &&
      h(
        "section",
        {},
        h("h2", {}, t("timeline.title")),
        h("p", {}, t("timeline.lead")),
        timeline(decided),
        h(
          "ol",
          { class: "events" },
          events.map((one) =>
            h(
              "li",
              { class: `event event-${one.kind}` },
              h("time", { datetime: one.at }, one.by.length ? dayTime(one.at) : day(one.at)),
              h("span", { class: "event-kind" }, t(`event.${one.kind}`)),
              page(`/mandates/${one.mandate.hash}`, own(one.mandate, "mandate", "title")),
              one.by.length > 0 && h("span", { class: "quiet" }, t("event.by", { who: list(one.by) })),
              one.detail > 0 && h("span", { class: "quiet" }, plural("event.cells", one.detail)),
            ),
          ),
        ),
      ),
    h("p", {}, h("a", { href: "/feeds/mandates.atom" }, t("mandates.feed"))),
  );
  return { title: t("mandates.title"), body };
}
