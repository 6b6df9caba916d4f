/** Areas and lines where they lie on the ground, with what was released there last: a number for an area, two arrows for a line. */
import { Marker, type Map as MapLibre } from "maplibre-gl";
import { get, latest, type Point, type Release, type Sensor } from "../api.ts";
import { h, s } from "../dom.ts";
import { dayTime, plusMinus, time } from "../format.ts";
import { awake } from "../live/awake.ts";
import { t, word } from "../i18n/index.ts";
import { crowdsOf } from "../live/pictograms.ts";

/** What the map of the API says of an area or a line. */
export interface Shape {
  readonly kind: "area" | "line";
  readonly sensor: string;
  readonly subject: string;
  readonly vertices: readonly Point[];
}
export interface Crossings {
  readonly forward: Release | undefined;
  readonly backward: Release | undefined;
}

const MOST_SENSORS = 8;
const DAY_MS = 86_400_000;

export function shapesOf(features: readonly GeoJSON.Feature[]): Shape[] {
  return features.flatMap(({ geometry, properties }) => {
    const { kind, sensor, subject } = (properties ?? {}) as Partial<Shape>;
    if (!sensor || !subject || (kind !== "area" && kind !== "line")) return [];
    if (geometry.type === "Polygon")
      return [{ kind, sensor, subject, vertices: geometry.coordinates[0]!.slice(0, -1) as unknown as Point[] }];
    return geometry.type === "LineString"
      ? [{ kind, sensor, subject, vertices: geometry.coordinates as unknown as Point[] }]
      : [];
  });
}

/** The newest released crossings of a line by people, at the finest step. */
export function crossingsOf(releases: readonly Release[], line: string): Crossings {
  const mine = releases.filter((one) => one.family === "line_crossings" && one.subject === line);
  const finest = Math.min(...mine.map((one) => one.resolution));
  const way = (name: string) => mine.find((one) => one.resolution === finest && one.category === `person.${name}`);
  return { forward: way("forward"), backward: way("backward") };
}

/** Mean of the vertices: where a word about the shape stands. */
export function middle(vertices: readonly Point[]): [number, number] {
  const sum = (n: 0 | 1) => vertices.reduce((total, one) => total + one[n], 0);
  return [sum(0) / vertices.length, sum(1) / vertices.length];
}

/** The northernmost vertex, so that a word above it leaves a line free. */
const top = (vertices: readonly Point[]): [number, number] => {
  const [longitude, latitude] = vertices.reduce((a, b) => (b[1] > a[1] ? b : a));
  return [longitude, latitude];
};

/** Degrees clockwise from north of the way from the left of a line to its right, as its crossings go forwards. */
export function forward([start, end]: readonly [Point, Point]): number {
  const east = (end[0] - start[0]) * Math.cos((start[1] * Math.PI) / 180);
  const along = (Math.atan2(east, end[1] - start[1]) * 180) / Math.PI;
  return (along + 90 + 360) % 360;
}

const said = (release: Release | undefined): string =>
  !release ? "" : release.value === null ? word("outage", release.outage ?? "") : plusMinus(release.value, release.half_width);

function areaLabel(shape: Shape, releases: readonly Release[]): HTMLElement | null {
  const crowd = crowdsOf(releases).find((one) => one.area === shape.subject);
  if (!crowd) return null;
  const gap = crowd.value === null;
  const digits = crowd.half < 10 ? 1 : 0;
  const number = crowd.value === null ? said(crowd.release) : plusMinus(crowd.value, crowd.half, digits);
  const unit = crowd.release.family === "person_seconds" ? t("map.atATime") : t("map.entered");
  return h("span", { class: gap ? "ground-area gap" : "ground-area" }, h("b", {}, number), gap ? "" : ` ${unit}`);
}

function arrow(release: Release, degrees: number): HTMLElement {
  const sign = s(
    "svg",
    { viewBox: "0 0 24 24", width: 26, height: 26, fill: "none", stroke: "currentColor", "stroke-width": 2.6 },
    s("path", { d: "M12 21V4m-6 6 6-6 6 6", transform: `rotate(${degrees} 12 12)` }),
  );
  return h("span", { class: release.value === null ? "ground-way gap" : "ground-way" }, sign, h("b", {}, said(release)));
}

function lineLabel(shape: Shape, releases: readonly Release[]): HTMLElement | null {
  const ways = crossingsOf(releases, shape.subject);
  const turned = forward(shape.vertices as unknown as [Point, Point]);
  const arrows = [
    ways.forward && arrow(ways.forward, turned),
    ways.backward && arrow(ways.backward, (turned + 180) % 360),
  ].filter((one) => one !== undefined);
  return arrows.length ? h("span", { class: "ground-line" }, arrows) : null;
}

async function known(id: string): Promise<{ sensor: Sensor; releases: readonly Release[] }> {
  const [sensor, releases] = await Promise.all([get<Sensor>(`/api/v1/sensors/${id}`), latest(id)]);
  return { sensor, releases: await awake(sensor, releases) };
}

/** Marks on a map for the shapes in view; the list and the page of a place say the same in words. */
export class Ground {
  #marks: Marker[] = [];
  #turn = 0;

  constructor(private readonly map: MapLibre) {}

  /** Keeps the marks that are shown where a newer call came, or where the server does not answer. */
  async show(shapes: readonly Shape[]): Promise<void> {
    const mine = ++this.#turn;
    const sensors = [...new Set(shapes.map((one) => one.sensor))].slice(0, MOST_SENSORS);
    const found = await Promise.all(sensors.map(known)).catch(() => null);
    if (mine !== this.#turn || !found) return;
    this.clear();
    this.#marks = found.flatMap(({ sensor, releases }) =>
      shapes.filter((one) => one.sensor === sensor.id).flatMap((shape) => this.#mark(shape, sensor, releases)),
    );
  }

  #mark(shape: Shape, sensor: Sensor, releases: readonly Release[]): Marker[] {
    const label = shape.kind === "area" ? areaLabel(shape, releases) : lineLabel(shape, releases);
    if (!label) return [];
    const newest = releases.find((one) => one.subject === shape.subject)!;
    const isToday = Date.now() - Date.parse(newest.end) < DAY_MS;
    const when = h("small", {}, (isToday ? time : dayTime)(newest.start, sensor.zone));
    const element = h("div", { class: `ground-mark ground-${sensor.state}`, "aria-hidden": "true" }, label, when);
    const [at, anchor] =
      shape.kind === "area" ? [middle(shape.vertices), "center" as const] : [top(shape.vertices), "bottom" as const];
    return [new Marker({ element, anchor }).setLngLat(at).addTo(this.map)];
  }

  clear(): void {
    for (const mark of this.#marks) mark.remove();
    this.#marks = [];
  }
}
