/** Names of streets, each along its longest stretch; text of the page's own font, so no glyph server is asked. */
import { Marker, type Map as MapLibre } from "maplibre-gl";
import { h } from "../dom.ts";

type Position = readonly number[];
interface Street {
  readonly name: string;
  readonly at: [number, number];
  /** Ends of its longest stretch. */
  readonly ends: readonly [[number, number], [number, number]];
  /** Degrees clockwise from east, as text runs, so that it never stands on its head. */
  readonly angle: number;
}

const [LETTER_PX, MARGIN_PX] = [7, 24];

export function streetOf(name: string, line: readonly Position[]): Street {
  let best = {
    length: -1,
    at: [0, 0] as [number, number],
    ends: [
      [0, 0],
      [0, 0],
    ] as [[number, number], [number, number]],
    angle: 0,
  };
  for (let n = 1; n < line.length; n++) {
    const [[x1, y1], [x2, y2]] = [line[n - 1] as [number, number], line[n] as [number, number]];
    const [dx, dy] = [(x2 - x1) * Math.cos((y1 * Math.PI) / 180), y1 - y2];
    const length = Math.hypot(dx, dy);
    if (length <= best.length) continue;
    const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
    best = {
      length,
      at: [(x1 + x2) / 2, (y1 + y2) / 2],
      ends: [
        [x1, y1],
        [x2, y2],
      ],
      angle: angle > 90 ? angle - 180 : angle <= -90 ? angle + 180 : angle,
    };
  }
  return { name, at: best.at, ends: best.ends, angle: best.angle };
}

export function streets(base: unknown): Street[] {
  const features = (base as Partial<GeoJSON.FeatureCollection> | null)?.features ?? [];
  return features.flatMap(({ properties, geometry }) => {
    const name: unknown = properties?.["name"];
    return geometry?.type === "LineString" && typeof name === "string" ? [streetOf(name, geometry.coordinates)] : [];
  });
}

/** Names show where their street is longer on the screen than they are. */
export function nameStreets(map: MapLibre, base: unknown): void {
  const made = streets(base).map((street) => {
    const element = h("span", { class: "street-name", "aria-hidden": "true" }, street.name);
    new Marker({ element, rotation: street.angle, rotationAlignment: "map" }).setLngLat(street.at).addTo(map);
    return { element, street };
  });
  const show = () => {
    for (const { element, street } of made) {
      const [a, b] = [map.project(street.ends[0]), map.project(street.ends[1])];
      element.hidden = Math.hypot(a.x - b.x, a.y - b.y) < street.name.length * LETTER_PX + MARGIN_PX;
    }
  };
  map.on("zoom", show);
  show();
}
