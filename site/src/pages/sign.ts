/** A camera's label: what hangs on the pole, and the same in words. */
import { city, get, latest, mandateOf, type Json, type Mandate, type Release, type Sensor } from "../api.ts";
import { h, save } from "../dom.ts";
import { day, number, seconds } from "../format.ts";
import { plural, t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { button, page, text } from "../parts.ts";
import type { View } from "../router.ts";
import { sign, type Block } from "../sign/sign.ts";
import { measured, span } from "./card.ts";

/** How good the numbers are: the widest interval of each kind at the finest step, and what hides in it. */
function accuracy(mandate: Mandate | undefined, releases: readonly Release[]): string {
  const step = Math.min(...releases.map((one) => one.resolution));
  const widest = new Map<string, number>();
  for (const one of releases.filter((release) => release.resolution === step))
    widest.set(one.family, Math.max(widest.get(one.family) ?? 0, one.half_width));
  if (!widest.size) return t("sign.accuracyNone");
  const list = [...widest].map(([family, half]) => {
    const amount = family.endsWith("_seconds") ? seconds(half) : number(half);
    return `${word("family", family)} ± ${amount}`;
  });
  const tracks = Number((mandate?.document["privacy"] as Record<string, Json> | undefined)?.["tracks"] ?? 1);
  return `${t("sign.accuracy", { list: list.join(", "), span: span(step) })} ${plural("sign.hides", tracks)}`;
}

function blocks(sensor: Sensor, mandate: Mandate | undefined, releases: readonly Release[]): Block[] {
  const who = mandate ? text(mandate, "accountable", "controller") : t("card.noMandate");
  const until = mandate ? t("sign.until", { day: day(mandate.expires), hash: mandate.hash.slice(0, 12) }) : "—";
  return [
    { icon: "count", title: t("sign.what"), text: measured(sensor) },
    { icon: "purpose", title: t("sign.why"), text: mandate ? text(mandate, "purpose", "question") : "—" },
    { icon: "seal", title: t("sign.who"), text: who },
    { icon: "until", title: t("sign.how-long"), text: until },
    { icon: "never", title: t("sign.never"), text: sensor.type === "camera" ? t("sign.neverCamera") : t("sign.neverCounter") },
    { icon: "error", title: t("sign.good"), text: accuracy(mandate, releases) },
  ];
}

export async function signPage(id: string): Promise<View> {
  const [found, sensor, releases] = await Promise.all([city(), get<Sensor>(`/api/v1/sensors/${id}`), latest(id)]);
  await Promise.all([400, 650, 700].map((weight) => document.fonts.load(`${weight} 20px 'Source Sans 3 Variable'`, "Aа")));
  const mandate = await mandateOf(sensor);
  const made = blocks(sensor, mandate, releases);
  const isCamera = sensor.type === "camera";
  const address = `${location.origin}/sign/${id}`;
  const drawn = sign(
    {
      city: found.name,
      name: sensor.name,
      headline: isCamera ? t("sign.camera") : t("sign.counter"),
      promise: t("sign.promise"),
      blocks: made,
      scan: t("sign.scan"),
      address,
    },
    t("sign.label", { name: sensor.name }),
  );
  const body = h(
    "section",
    { class: "page page-wide sign-page" },
    h("p", { class: "crumb" }, page(`/place/${id}`, sensor.name)),
    h("h1", {}, t("sign.title")),
    h(
      "div",
      { class: "sign-pair" },
      h("div", { class: "sign-paper" }, drawn),
      h(
        "div",
        { class: "sign-words" },
        h("p", { class: "lead" }, isCamera ? t("sign.camera") : t("sign.counter"), " ", t("sign.promise")),
        h(
          "ul",
          { class: "label" },
          made.map((one) => h("li", {}, icon(one.icon), h("div", {}, h("h2", {}, one.title), h("p", {}, one.text)))),
        ),
        h(
          "p",
          { class: "take" },
          button(t("sign.print"), () => window.print(), "button-main"),
          button(t("sign.svg"), () => save(`${id}-sign.svg`, "image/svg+xml", new XMLSerializer().serializeToString(drawn))),
          page(`/object?sensor=${id}`, t("sign.object"), "button"),
          mandate && page(`/mandates/${mandate.hash}`, t("card.mandate"), "button"),
        ),
        mandate && h("p", { class: "quiet" }, t("sign.complaint"), " ", text(mandate, "oversight", "complaint")),
      ),
    ),
  );
  return { title: t("sign.label", { name: sensor.name }), body };
}
