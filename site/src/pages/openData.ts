/** The same numbers for other systems. */
import { city } from "../api.ts";
import { h } from "../dom.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { licenceLink, page } from "../parts.ts";
import type { View } from "../router.ts";

const DOORS: readonly (readonly [string, string, TextKey])[] = [
  ["CSV · Parquet", "/data/days", "data.files"],
  ["JSON API (OpenAPI)", "/api/v1/openapi.json", "data.api"],
  ["OGC SensorThings 1.1", "/sensorthings/v1.1", "data.sensorthings"],
  ["NGSI-LD", "/ngsi-ld/v1/entities?type=CrowdFlowObserved", "data.ngsi"],
  ["DCAT-AP 3", "/data/catalog.jsonld", "data.dcat"],
  ["Atom", "/feeds/mandates.atom", "data.atom"],
  ["C2SP tlog-tiles", "/log/checkpoint", "data.log"],
];

export async function openDataPage(): Promise<View> {
  const found = await city();
  const body = h(
    "section",
    { class: "page" },
    h("h1", {}, t("nav.data")),
    h("p", { class: "lead" }, t("data.lead")),
    h(
      "ul",
      { class: "doors" },
      DOORS.map(([name, path, key]) => h("li", {}, h("a", { href: path }, name), h("p", {}, t(key)))),
    ),
    h("p", {}, t("data.licence"), " ", licenceLink(found)),
    h("p", {}, t("data.check"), " ", page("/check", t("nav.check"))),
    found.attributions.length > 0 && h("h2", {}, t("data.thanks")),
    h(
      "ul",
      {},
      found.attributions.map((one) =>
        h("li", { lang: "en" }, h("a", { href: one.url, rel: "noreferrer external" }, one.text), ` · ${one.licence}`),
      ),
    ),
  );
  return { title: t("nav.data"), body };
}
