/** One mandate: what it allows in plain words, who signed, what changed, and its whole text. */
import { get, mandates, sensors, type Json, type Mandate, type Sensor } from "../api.ts";
import { h, save, type Child } from "../dom.ts";
import { dayTime, list, number } from "../format.ts";
import { plural, t, word } from "../i18n/index.ts";
import { differences, plain } from "../mandate/diff.ts";
import { beforeOf, cellsOf } from "../mandate/events.ts";
import { icon } from "../icons.ts";
import { button, facts, mandateMark, own, page, table } from "../parts.ts";
import type { View } from "../router.ts";
import { span } from "./card.ts";
import { commentWords, stopWords } from "./mandates.ts";

const object = (value: Json | undefined): Record<string, Json> =>
  value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, Json>) : {};
const items = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

function uses(mandate: Mandate, name: "permitted_uses" | "prohibited_uses"): Child {
  return h(
    "ul",
    { class: name, lang: language(mandate) },
    items(object(mandate.document["purpose"])[name]).map((one) => h("li", {}, plain(one))),
  );
}

function measures(mandate: Mandate, known: ReadonlyMap<string, Sensor>): HTMLElement {
  const groups = new Map<string, string[]>();
  for (const cell of cellsOf(mandate)) {
    const [sensor = "", family = ""] = cell.split("/");
    const key = `${word("family", family)}`;
    groups.set(key, [...new Set([...(groups.get(key) ?? []), known.get(sensor)?.name ?? sensor])]);
  }
  return h(
    "ul",
    {},
    [...groups].map(([what, where]) => h("li", {}, h("strong", {}, what), ` — ${list(where.slice(0, 24))}`)),
  );
}

function privacy(mandate: Mandate): Child {
  const values = object(mandate.document["privacy"]);
  const families = items(values["family"]).map((one) => object(one));
  const steps = items(values["resolution"]).map((one) => object(one));
  return [
    h("p", {}, plural("mandate.tracks", Number(values["tracks"])), " ", t("mandate.cap", { cap: plain(values["sensor_cap"]) })),
    table(
      t("mandate.budget"),
      [t("mandate.family"), "ε", t("mandate.most")],
      families.map((one) => [word("family", plain(one["name"])), plain(one["epsilon"]), number(Number(one["cap"]))]),
    ),
    h("p", {}, t("mandate.steps", { steps: list(steps.map((one) => span(Number(one["seconds"])))) })),
  ];
}

function changes(mandate: Mandate, before: Mandate | undefined): HTMLElement | null {
  if (!before) return null;
  const found = differences(before.document, mandate.document);
  return h(
    "section",
    {},
    h("h2", {}, t("mandate.changes")),
    h("p", {}, t("mandate.changesFrom"), " ", page(`/mandates/${before.hash}`, own(before, "mandate", "title"))),
    table(
      t("mandate.changes"),
      [t("mandate.field"), t("mandate.before"), t("mandate.after")],
      found.map((one) => [
        h("code", {}, one.path),
        one.before === null ? "—" : h("del", {}, one.before),
        one.after === null ? "—" : h("ins", {}, one.after),
      ]),
    ),
  );
}

function stops(mandate: Mandate): Child {
  return mandate.ends.map((end) =>
    h(
      "div",
      { class: "notice notice-bad" },
      icon("outage"),
      h(
        "div",
        {},
        h("p", { class: "notice-title" }, stopWords(end)),
        h("p", { lang: language(mandate) }, end.reason),
        h(
          "p",
          { class: "quiet" },
          t("end.keys"),
          " ",
          end.keys.map((key) => h("code", { class: "hash" }, key)),
          " ",
          leaf(end.log_index),
        ),
      ),
    ),
  );
}

const leaf = (index: number): HTMLElement => h("span", {}, t("mandate.leaf", { n: number(index) }));
const language = (mandate: Mandate): string => plain(object(mandate.document["mandate"])["language"]);

export async function mandatePage(hash: string): Promise<View> {
  const [mandate, decided, all] = await Promise.all([get<Mandate>(`/api/v1/mandates/${hash}`), mandates(), sensors()]);
  const known = new Map(all.map((one) => [one.id, one]));
  const words = (...path: string[]) => own(mandate, ...path);
  const signers = mandate.signed_by.length ? list(mandate.signed_by) : t("mandate.unsigned");
  const whole = JSON.stringify(mandate.document, null, 2);
  const body = h(
    "article",
    { class: "page" },
    h("p", { class: "crumb" }, page("/mandates", t("mandates.title"))),
    h("h1", {}, words("mandate", "title")),
    h("p", {}, mandateMark(mandate), " ", h("span", { class: "quiet" }, commentWords(mandate))),
    stops(mandate),
    h("p", { class: "lead" }, words("purpose", "question")),
    facts([
      ["mandate.decision", words("purpose", "decision")],
      ["mandate.who", words("accountable", "controller")],
      ["mandate.contact", words("accountable", "contact")],
      ["mandate.vendor", words("accountable", "vendor")],
      ["mandate.signed", signers],
      ["mandate.public", mandate.public_since ? dayTime(mandate.public_since) : "—"],
      ["mandate.from", mandate.in_force_from ? dayTime(mandate.in_force_from) : "—"],
      ["mandate.to", dayTime(mandate.expires)],
    ]),
    h("section", {}, h("h2", {}, t("mandate.measures")), measures(mandate, known)),
    h(
      "section",
      { class: "pair" },
      h("div", {}, h("h2", {}, t("mandate.permitted")), uses(mandate, "permitted_uses")),
      h("div", {}, h("h2", {}, t("mandate.prohibited")), uses(mandate, "prohibited_uses")),
    ),
    changes(mandate, beforeOf(mandate, decided)),
    h("section", {}, h("h2", {}, t("mandate.privacy")), privacy(mandate)),
    h(
      "section",
      {},
      h("h2", {}, t("mandate.why")),
      facts([
        ["mandate.basis", words("legal", "basis")],
        ["mandate.necessity", words("legal", "necessity")],
        ["mandate.alternatives", words("legal", "alternatives")],
        ["mandate.people", words("affected", "people")],
        ["mandate.impact", words("affected", "impact")],
        ["mandate.risks", words("risk", "risks")],
        ["mandate.retention", words("data", "retention")],
        ["mandate.oversight", words("oversight", "body")],
        ["mandate.complaint", words("oversight", "complaint")],
        ["mandate.cost", words("cost", "amount")],
      ]),
    ),
    h(
      "p",
      { class: "take" },
      page(`/object?mandate=${hash}`, t("mandate.object"), "button button-main"),
      button(t("mandate.save"), () => save(`${mandate.id}.json`, "application/json", whole)),
    ),
    h(
      "details",
      {},
      h("summary", {}, t("mandate.whole")),
      h("p", { class: "quiet" }, t("mandate.hash"), " ", h("code", { class: "hash" }, hash), " ", leaf(mandate.log_index)),
      h("pre", { tabindex: "0", role: "region", "aria-label": t("mandate.whole") }, whole),
    ),
  );
  return { title: mandate.title, body };
}
