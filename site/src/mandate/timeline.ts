/** One bar for each mandate, from notice to its end. */
import type { Mandate } from "../api.ts";
import { h, s } from "../dom.ts";
import { day, dayTime } from "../format.ts";
import { t, word } from "../i18n/index.ts";
import { text } from "../parts.ts";
import { stoppedAt } from "./events.ts";

const [WIDTH, ROW, TOP, BAR] = [900, 46, 28, 14];
const DAY_MS = 86_400_000;

interface Bar {
  readonly mandate: Mandate;
  readonly shown: number;
  readonly force: number | null;
  /** When it ended or will end; what was cut off before `planned` is drawn hollow. */
  readonly end: number;
  readonly planned: number;
}

function bar(mandate: Mandate, now: number): Bar {
  const force = mandate.in_force_from ? Date.parse(mandate.in_force_from) : null;
  const shown = Date.parse(mandate.public_since ?? mandate.starts);
  const planned = Date.parse(mandate.expires);
  const stopped = stoppedAt(mandate, new Date(now).toISOString());
  const end = stopped === null ? planned : Math.min(planned, Date.parse(stopped));
  return { mandate, shown: Math.min(shown, force ?? shown), force: force !== null && force <= end ? force : null, end, planned };
}

export function timeline(known: readonly Mandate[], now = Date.now()): HTMLElement {
  const bars = known.map((one) => bar(one, now)).sort((a, b) => a.shown - b.shown);
  const low = Math.min(now, ...bars.map((one) => one.shown));
  const high = Math.max(now, ...bars.map((one) => one.planned));
  const pad = (high - low) * 0.02 || DAY_MS;
  const x = (at: number) => ((at - low + pad) / (high - low + 2 * pad)) * WIDTH;
  const height = TOP + bars.length * ROW + 26;
  const say = (at: number) => (high - low > 5 * DAY_MS ? day(at) : dayTime(at));
  const rows = bars.map((one, n) => {
    const y = TOP + n * ROW + 20;
    const begin = one.force ?? one.end;
    const title = text(one.mandate, "mandate", "title");
    const nearEnd = x(one.shown) > WIDTH * 0.6;
    return s(
      "g",
      { class: `bar bar-${one.mandate.state}` },
      s(
        "text",
        { x: nearEnd ? x(one.end) : x(one.shown), y: y - 6, "text-anchor": nearEnd ? "end" : "start" },
        title.length > 70 ? `${title.slice(0, 68)}…` : title,
      ),
      s("rect", { class: "bar-notice", x: x(one.shown), y, width: Math.max(2, x(begin) - x(one.shown)), height: BAR, rx: 3 }),
      one.force !== null &&
        s("rect", { class: "bar-force", x: x(one.force), y, width: Math.max(2, x(one.end) - x(one.force)), height: BAR, rx: 3 }),
      one.planned > one.end &&
        s("rect", { class: "bar-cut", x: x(one.end), y, width: Math.max(2, x(one.planned) - x(one.end)), height: BAR, rx: 3 }),
      s("title", {}, `${title}: ${word("mandate", one.mandate.state)}, ${say(one.shown)} – ${say(one.end)}`),
    );
  });
  const picture = s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": t("timeline.title") },
    s("line", { class: "bar-now", x1: x(now), x2: x(now), y1: TOP - 6, y2: height - 22 }),
    s(
      "text",
      { class: "bar-when", x: Math.min(WIDTH - 30, Math.max(30, x(now))), y: TOP - 12, "text-anchor": "middle" },
      t("timeline.now"),
    ),
    rows,
    s("text", { class: "bar-when", x: 0, y: height - 4 }, say(low)),
    s("text", { class: "bar-when", x: WIDTH, y: height - 4, "text-anchor": "end" }, say(high)),
  );
  return h("div", { class: "timeline scroll", tabindex: "0", role: "region", "aria-label": t("timeline.title") }, picture);
}
