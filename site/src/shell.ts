/** What surrounds every page: name, ways, language, colours, and the loud word when the log does not hold. */
import { city } from "./api.ts";
import { h, replace } from "./dom.ts";
import { choose, language, LANGUAGES, t, type Language, type TextKey } from "./i18n/index.ts";
import { mark } from "./icons.ts";
import { setTheme, theme, type Theme } from "./theme.ts";

const WAYS: readonly (readonly [string, TextKey])[] = [
  ["/", "nav.map"],
  ["/numbers", "nav.numbers"],
  ["/mandates", "nav.mandates"],
  ["/check", "nav.check"],
  ["/object", "nav.object"],
];
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export interface Shell {
  readonly main: HTMLElement;
  draw(): void;
  /** Mark the way that leads to the page shown. */
  here(path: string): void;
}

function select<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  now: T,
  chosen: (value: T) => void,
): Node {
  const field: HTMLSelectElement = h(
    "select",
    { "aria-label": label, class: "plain", onchange: () => chosen(field.value as T) },
    options.map(([value, text]) =>
      h("option", { value, selected: value === now, lang: value.length === 2 ? value : null }, text),
    ),
  );
  return field;
}

export function makeShell(redraw: () => void): Shell {
  const header = h("header", { class: "head" });
  const main = h("main", { id: "main", tabindex: "-1" });
  const footer = h("footer", { class: "foot" });
  const skip = h("a", { class: "skip", href: "#main" });
  document.body.prepend(skip, header, h("div", { id: "alarm", role: "alert" }), main, footer);
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });

  function draw(): void {
    skip.textContent = t("nav.skip");
    const name = h("span", { class: "head-city" });
    const privacy = h("p", { class: "foot-privacy" }, t("foot.privacy"));
    city().then(
      (found) => {
        name.textContent = found.name;
        const tiles = found.map?.tiles;
        if (tiles) privacy.textContent = t("foot.tiles", { host: new URL(tiles).host });
      },
      () => (name.textContent = ""),
    );
    const ways = WAYS.map(([path, key]) => h("li", {}, h("a", { href: path, "data-page": "" }, t(key))));
    replace(
      header,
      h("a", { class: "head-name", href: "/", "data-page": "" }, mark(), h("span", {}, "Passerby"), name),
      h("nav", { "aria-label": t("nav.label") }, h("ul", {}, ways)),
    );
    const themes = THEMES.map((one) => [one, t(`theme.${one}`)] as const);
    const languages = Object.entries(LANGUAGES) as [Language, string][];
    replace(
      footer,
      h("p", { class: "foot-say" }, t("foot.say")),
      h(
        "div",
        { class: "foot-set" },
        select(t("foot.language"), languages, language(), (value) => void choose(value).then(redraw)),
        select(t("foot.theme"), themes, theme(), setTheme),
        h("a", { href: "/open-data", "data-page": "" }, t("nav.data")),
      ),
      privacy,
    );
  }

  function here(path: string): void {
    for (const link of header.querySelectorAll<HTMLAnchorElement>("nav a")) {
      const way = link.getAttribute("href")!;
      if (way === "/" ? path === "/" || path.startsWith("/place") : path.startsWith(way))
        link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
  return { main, draw, here };
}
