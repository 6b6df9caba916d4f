/** Object or ask: in public, without an account; the city's answer stands beside it. */
import { all, city, get, latest, mandates, request, ServerError, type Mandate, type Release, type Sensor } from "../api.ts";
import { h, replace } from "../dom.ts";
import { dayTime, plusMinus, short } from "../format.ts";
import { plural, t } from "../i18n/index.ts";
import { failure, page } from "../parts.ts";
import type { View } from "../router.ts";

const MOST = 4000;

interface Objection {
  readonly id: number;
  readonly at: string;
  readonly about: { readonly mandate?: string; readonly release?: string };
  readonly text: string | null;
  readonly hash: string;
  readonly withheld: string | null;
  readonly answer: { readonly at: string; readonly text: string | null } | null;
}
interface Subject {
  readonly value: string;
  readonly text: string;
  readonly about: Objection["about"];
}

/** The canonical line of a release, as the log's manifests cover it. */
export function lineOf(one: Release): string {
  const parts = [one.sensor, one.family, one.subject, one.category, one.start, one.end, one.value ?? "", one.scale.toFixed(6)];
  return [...parts, one.half_width, one.coverage, one.outage ?? "", one.mandate].join(",");
}

async function subjects(query: URLSearchParams, decided: readonly Mandate[]): Promise<Subject[]> {
  const found = decided.map((one) => ({
    value: one.hash,
    text: t("object.mandate", { title: one.title }),
    about: { mandate: one.hash },
  }));
  const wanted = query.get("sensor");
  const sensor = wanted && (await get<Sensor>(`/api/v1/sensors/${wanted}`).catch(() => null));
  if (!sensor) return found;
  const numbers = (await latest(sensor.id)).map((one) => {
    const value = one.value === null ? "—" : plusMinus(one.value, one.half_width);
    const text = t("object.number", { name: sensor.name, when: dayTime(one.start, sensor.zone), value });
    return { value: String(one.id), text, about: { release: lineOf(one) } };
  });
  return [...numbers, ...found];
}

/** The price of speaking without an account: some seconds of computing. */
async function work(told: (tried: number) => void): Promise<{ challenge: string; nonce: string }> {
  const { challenge, bits } = await get<{ challenge: string; bits: number }>("/api/v1/objections/challenge");
  const { findNonce } = await import("../work.ts");
  return { challenge, nonce: await findNonce(challenge, bits, told) };
}

function aboutWords(one: Objection, decided: readonly Mandate[]): Node {
  if (one.about.mandate) {
    const mandate = decided.find((other) => other.hash === one.about.mandate);
    return page(`/mandates/${one.about.mandate}`, mandate?.title ?? short(one.about.mandate));
  }
  const [sensor = "", , subject = "", , start = ""] = (one.about.release ?? "").split(",");
  return page(`/numbers?sensor=${sensor}`, `${subject || sensor}, ${start ? dayTime(start) : ""}`);
}

function entry(one: Objection, decided: readonly Mandate[]): HTMLElement {
  return h(
    "li",
    { class: "objection" },
    h("p", { class: "quiet" }, `№ ${one.id} · ${dayTime(one.at)} · `, aboutWords(one, decided)),
    one.text === null
      ? h("p", { class: "quiet" }, t("object.withheld", { why: one.withheld ?? "" }))
      : h("blockquote", {}, one.text),
    one.answer
      ? h(
          "div",
          { class: "answer" },
          h("p", { class: "quiet" }, t("object.answer", { when: dayTime(one.answer.at) })),
          h("p", {}, one.answer.text ?? ""),
        )
      : h("p", { class: "quiet" }, t("object.unanswered")),
    h("p", { class: "hash quiet" }, t("object.hash"), " ", h("code", {}, one.hash)),
  );
}

export async function objectPage(query: URLSearchParams): Promise<View> {
  const [found, decided] = await Promise.all([city(), mandates()]);
  const options = await subjects(query, decided);
  const about = h(
    "select",
    { id: "about" },
    options.map((one) => h("option", { value: one.value, selected: one.value === query.get("mandate") }, one.text)),
  );
  const count = h("span", { class: "quiet", id: "text-left" });
  const text: HTMLTextAreaElement = h("textarea", {
    id: "text",
    rows: 7,
    maxlength: MOST,
    required: true,
    "aria-describedby": "text-left",
    oninput: () => left(),
  });
  const says = h("div", { role: "status" });
  const listed = h("div", {});
  const send = h("button", { class: "button button-main", type: "submit" }, t("object.send"));
  const left = () => (count.textContent = plural("object.left", MOST - text.value.length));

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const subject = options.find((one) => one.value === about.value);
    if (!subject || !text.value.trim()) return;
    send.disabled = true;
    try {
      replace(says, h("p", {}, t("object.working")));
      const proof = await work(() => undefined);
      const body = JSON.stringify({ about: subject.about, text: text.value, ...proof });
      const answer = await request("/api/v1/objections", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      });
      const kept = (await answer.json()) as { id: number; hash: string };
      replace(
        says,
        h(
          "div",
          { class: "notice notice-good" },
          h("p", {}, t("object.sent", { n: kept.id })),
          h("p", { class: "hash" }, h("code", {}, kept.hash)),
        ),
      );
      text.value = "";
      left();
      await show();
    } catch (error) {
      const known = error instanceof ServerError ? error : new ServerError(0, String(error));
      replace(
        says,
        failure(known, () => replace(says)),
      );
    }
    send.disabled = false;
  }

  async function show(): Promise<void> {
    try {
      const objections = await all<Objection>("/api/v1/objections", 500);
      replace(
        listed,
        objections.length
          ? h(
              "ul",
              { class: "objections" },
              objections.map((one) => entry(one, decided)),
            )
          : h("p", { class: "quiet" }, t("object.none")),
      );
    } catch (error) {
      replace(
        listed,
        failure(error instanceof ServerError ? error : new ServerError(0, String(error)), () => void show()),
      );
    }
  }

  left();
  await show();
  const body = h(
    "section",
    { class: "page" },
    h("h1", {}, t("object.title")),
    h("p", { class: "lead" }, t("object.lead", { city: found.name })),
    h(
      "form",
      { class: "form", onsubmit: (event: Event) => void submit(event) },
      h("div", { class: "field" }, h("label", { for: "about" }, t("object.about")), about),
      h("div", { class: "field" }, h("label", { for: "text" }, t("object.text")), text, count),
      h("p", { class: "quiet" }, t("object.public")),
      h("p", {}, send),
      says,
    ),
    h("section", {}, h("h2", {}, t("object.list")), listed),
  );
  return { title: t("object.title"), body };
}
