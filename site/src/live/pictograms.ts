/** The live view: an empty picture and signs for people, as many as the released number says. Nobody stands where a sign stands. */
import type { Release, Sensor } from "../api.ts";
import { s } from "../dom.ts";

type Point = readonly [number, number];
export interface Crowd {
  readonly area: string;
  /** Signs to draw; null in an outage. */
  readonly signs: number | null;
  readonly value: number | null;
  readonly half: number;
  readonly release: Release;
}

const MOST_SIGNS = 150;
const FIGURE = "M0-34a6 6 0 1 1 0 12 6 6 0 0 1 0-12ZM-5 0v-9h-3v-8c0-3 2-4.500 4-4.500h8c2 0 4 1.500 4 4.500v8h-3v9Z";

/** Mean number of people in an area where person-seconds are released, else how many came in. */
export function crowdsOf(releases: readonly Release[]): Crowd[] {
  const finest = Math.min(...releases.map((one) => one.resolution));
  const mine = releases.filter((one) => one.resolution === finest && one.category === "person");
  const areas = new Map<string, Release>();
  for (const family of ["area_entries", "person_seconds"])
    for (const one of mine) if (one.family === family) areas.set(one.subject, one);
  return [...areas].map(([area, release]) => {
    const per = release.family === "person_seconds" ? (Date.parse(release.end) - Date.parse(release.start)) / 1000 : 1;
    const value = release.value === null ? null : release.value / per;
    return {
      area,
      signs: value === null ? null : Math.min(MOST_SIGNS, Math.max(0, Math.round(value))),
      value,
      half: release.half_width / per,
      release,
    };
  });
}

/** Numbers in [0, 1) that follow from a seed, so that a released number is always drawn alike (mulberry32). */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function inside([x, y]: Point, polygon: readonly Point[]): boolean {
  let found = false;
  polygon.forEach(([x1, y1], n) => {
    const [x2, y2] = polygon[(n + 1) % polygon.length]!;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) found = !found;
  });
  return found;
}

/** Places in a polygon, apart from each other where there is room. */
export function scatter(polygon: readonly Point[], count: number, seed: number): Point[] {
  const random = sequence(seed);
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const found: Point[] = [];
  let apart = Math.sqrt((width * height) / Math.max(1, count)) * 0.6;
  for (let tries = 0; found.length < count && tries < 20_000; tries++) {
    if (tries % 200 === 199) apart *= 0.8;
    const point: Point = [left + random() * width, top + random() * height];
    if (inside(point, polygon) && found.every(([x, y]) => Math.hypot(x - point[0], y - point[1]) > apart)) found.push(point);
  }
  return found.sort((a, b) => a[1] - b[1]);
}

/** From the middle of a line to its right side, where crossings that go forwards end. */
function forwardArrow([x1, y1]: Point, [x2, y2]: Point): SVGElement {
  const degrees = (Math.atan2(x2 - x1, -(y2 - y1)) * 180) / Math.PI + 90;
  const middle = `translate(${(x1 + x2) / 2} ${(y1 + y2) / 2}) rotate(${degrees.toFixed(1)})`;
  return s("path", { class: "live-way", d: "M0 0v-30m-8 9 8-9 8 9", transform: middle });
}

/** The picture. Signs grow towards the bottom of the frame, as things do that are nearer. */
export function picture(sensor: Sensor, crowds: readonly Crowd[], label: string): SVGSVGElement {
  const [width, height] = sensor.picture ?? [768, 576];
  const areas = sensor.areas.map((area) => {
    const crowd = crowds.find((one) => one.area === area.id);
    const outline = s("polygon", {
      class: crowd?.signs === null ? "live-area live-gap" : "live-area",
      points: area.polygon.map((point) => point.join(",")).join(" "),
    });
    const signs = scatter(area.polygon, crowd?.signs ?? 0, crowd?.release.id ?? 1).map(([x, y]) =>
      s("path", {
        class: "live-sign",
        d: FIGURE,
        transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${(0.55 + (0.9 * y) / height).toFixed(2)})`,
      }),
    );
    return [outline, signs];
  });
  const lines = sensor.lines.map((line) => [
    s("line", { class: "live-line", x1: line.start[0], y1: line.start[1], x2: line.end[0], y2: line.end[1] }),
    forwardArrow(line.start, line.end),
    s("text", { class: "live-name", x: line.start[0], y: line.start[1] - 10, "text-anchor": "middle" }, line.id),
  ]);
  return s(
    "svg",
    { class: "live", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    sensor.plate ? s("image", { href: sensor.plate, width, height }) : s("rect", { class: "live-ground", width, height }),
    lines,
    areas,
  );
}
