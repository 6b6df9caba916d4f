/** Signs in one line weight, 24 × 24, coloured by the text around them. */
import { s } from "./dom.ts";

const PATHS = {
  person: "M12 3.2a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6ZM8 21v-6H6.8v-4.3c0-1 .8-1.7 1.7-1.7h7c1 0 1.7.8 1.7 1.7V15H16v6",
  count: "M4 18V9m5 9V5m5 13v-6m5 6V7",
  purpose: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Zm0-5a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm0-4h.01",
  seal: "M12 3l7 3v5c0 4.6-2.9 8-7 10-4.1-2-7-5.4-7-10V6l7-3Zm-3 9 2.2 2.2L15.2 10",
  until: "M5 5h14v16H5zM5 10h14M9 3v4m6-4v4",
  never: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18ZM5.8 5.8l12.4 12.4",
  error: "M3 15c3 0 3-7 6-7s3 9 6 9 3-6 6-6",
  speak: "M4 5h16v11h-8l-5 4v-4H4z",
  camera: "M3 8h11v8H3zm11 3 6-3v8l-6-3",
  counter: "M5 21V4m14 17V4M5 9h14M5 13h14",
  outage: "M12 3 22 20H2L12 3Zm0 6v5m0 3h.01",
  arrow: "M5 12h14m-5-5 5 5-5 5",
  check: "m5 13 4.5 4.5L19 8",
  cross: "M6 6l12 12M18 6 6 18",
  download: "M12 4v11m-5-4 5 5 5-5M5 20h14",
} as const;
export type Icon = keyof typeof PATHS;

export const iconPath = (name: Icon): string => PATHS[name];

export function icon(name: Icon, label?: string): SVGSVGElement {
  return s(
    "svg",
    {
      class: `icon icon-${name}`,
      viewBox: "0 0 24 24",
      width: 24,
      height: 24,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.7,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }),
    },
    s("path", { d: PATHS[name] }),
  );
}

/** The sign of the project: five passers-by as one tally. */
export function mark(): SVGSVGElement {
  return s(
    "svg",
    { class: "mark", viewBox: "0 0 28 28", width: 28, height: 28, "aria-hidden": "true" },
    [6, 11, 16, 21].map((x) =>
      s("path", { d: `M${x} 9.5v11`, stroke: "currentColor", "stroke-width": 2.4, "stroke-linecap": "round" }),
    ),
    [6, 11, 16, 21].map((x) => s("circle", { cx: x, cy: 5.6, r: 1.7, fill: "currentColor" })),
    s("path", { d: "M3 18.5 25 11", stroke: "var(--accent)", "stroke-width": 2.4, "stroke-linecap": "round" }),
  );
}
