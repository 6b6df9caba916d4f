/** How the map is drawn: paper, water, streets, and the sensors above them. */
import type { LayerSpecification } from "maplibre-gl";
import type { Sensor } from "../api.ts";
import { colour } from "../theme.ts";

const CLUSTER_FREE = ["!", ["has", "point_count"]];

export function sensorsGeoJson(sensors: readonly Sensor[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: sensors.map((sensor) => ({
      type: "Feature",
      properties: { id: sensor.id, type: sensor.type, state: sensor.state },
      geometry: { type: "Point", coordinates: [sensor.longitude, sensor.latitude] },
    })),
  };
}

export function layersOf(hasTiles: boolean): LayerSpecification[] {
  const fill = ["match", ["get", "state"], "measuring", colour("accent"), "outage", colour("outage"), colour("quiet")];
  const wide = (least: number, most: number) => ["interpolate", ["exponential", 1.6], ["zoom"], 12, least, 18, most];
  const dot = ["interpolate", ["linear"], ["zoom"], 4, 4, 12, 5, 17, 10];
  const base: unknown[] = hasTiles
    ? [{ id: "tiles", type: "raster", source: "tiles", paint: { "raster-saturation": -0.7, "raster-opacity": 0.8 } }]
    : [
        {
          id: "water",
          type: "fill",
          source: "base",
          filter: ["==", ["get", "kind"], "water"],
          paint: { "fill-color": colour("map-water") },
        },
        {
          id: "streets-edge",
          type: "line",
          source: "base",
          filter: ["==", ["get", "kind"], "street"],
          layout: { "line-cap": "round", "line-join": "round" },
          paint: { "line-color": colour("map-edge"), "line-width": wide(2.4, 44) },
        },
        {
          id: "streets",
          type: "line",
          source: "base",
          filter: ["==", ["get", "kind"], "street"],
          layout: { "line-cap": "round", "line-join": "round" },
          paint: { "line-color": colour("map-street"), "line-width": wide(1.4, 40) },
        },
      ];
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("map-paper") } },
    ...base,
    {
      id: "chosen",
      type: "circle",
      source: "sensors",
      filter: ["==", ["get", "id"], ""],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 10, 17, 20],
        "circle-color": colour("accent"),
        "circle-opacity": 0.22,
      },
    },
    {
      id: "sensors",
      type: "circle",
      source: "sensors",
      filter: CLUSTER_FREE,
      paint: {
        "circle-radius": dot,
        "circle-color": ["match", ["get", "type"], "camera", fill, colour("map-paper")],
        "circle-stroke-color": fill,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 4, 2, 17, 3.4],
      },
    },
  ] as LayerSpecification[];
}
