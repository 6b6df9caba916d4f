/** Small parts that several pages are made of. */
import { refresh, type Cell, type City, type Mandate, type Sensor, type ServerError } from "./api.ts";
import { h, type Child } from "./dom.ts";
import { day } from "./format.ts";
import { t, word, type TextKey } from "./i18n/index.ts";
import { icon, type Icon } from "./icons.ts";

/** Why nothing can be shown, and a way on. */
export function failure(error: ServerError, again: () => void): HTMLElement {
  const isSilent = error.status === 0;
  return h(
    "div",
    { class: "notice notice-bad", role: "alert" },
    icon("outage"),
    h(
      "div",
      {},
      h("p", { class: "notice-title" }, isSilent ? t("failure.silent") : t("failure.refused")),
      h("p", {}, isSilent ? t("failure.silentText") : error.message),
      button(t("failure.again"), () => {
        refresh();
        again();
      }),
    ),
  );
}

export const button = (text: string, act: () => unknown, look = "", name?: Icon): HTMLButtonElement =>
  h("button", { type: "button", class: `button ${look}`.trim(), onclick: act }, name && icon(name), text);

export const page = (path: string, text: Child, look?: string): HTMLAnchorElement =>
  h("a", { href: path, "data-page": "", class: look ?? null }, text);

/** The state of a sensor: a shape, a colour and a word, never the colour alone. */
export const stateMark = (sensor: Sensor): HTMLElement =>
  h("span", { class: `state state-${sensor.state}` }, h("i", { "aria-hidden": "true" }), word("state", sensor.state));

export const mandateMark = (mandate: Mandate): HTMLElement =>
  h("span", { class: `state mandate-${mandate.state}` }, h("i", { "aria-hidden": "true" }), word("mandate", mandate.state));

/** What one number of a sensor counts, in words. */
export function cellWords(cell: Cell): string {
  const [kind = "", direction] = cell.category.split(".");
  if (cell.family === "counter_passages" && kind === "person") return word("family", cell.family);
  const way = direction === "forward" || direction === "backward" ? word("direction", direction) : "";
  return [word("family", cell.family), `“${cell.subject}”`, word("kind", kind), way].filter(Boolean).join(" · ");
}

export function text(mandate: Mandate, ...path: readonly string[]): string {
  let value: unknown = mandate.document;
  for (const name of path) value = value && typeof value === "object" ? (value as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : "";
}

/** The mandate's own words, marked with their language. */
export const own = (mandate: Mandate, ...path: readonly string[]): HTMLElement =>
  h("span", { lang: text(mandate, "mandate", "language") || null }, text(mandate, ...path) || "—");

export const untilWords = (mandate: Mandate): string => t("until", { day: day(mandate.expires) });

/** Under which licence the numbers are. */
export const licenceLink = ({ licence }: City): HTMLElement =>
  h("a", { href: licence.url, rel: "license noreferrer external" }, licence.spdx ?? licence.title);

export function facts(rows: readonly (readonly [TextKey, Child])[]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    rows.map(([key, value]) => [h("dt", {}, t(key)), h("dd", {}, value)]),
  );
}

export function table(caption: string, head: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((cell, n) => h(n ? "td" : "th", n ? {} : { scope: "row" }, cell)),
          ),
        ),
      ),
    ),
  );
}
