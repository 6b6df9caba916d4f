/** How the map is drawn: paper, water, streets, and above them what is measured where. */
import type { LayerSpecification } from "maplibre-gl";
import { colour } from "../theme.ts";

const kind = (name: string): unknown[] => ["==", ["get", "kind"], name];

export function layersOf(hasTiles: boolean): LayerSpecification[] {
  const byState = ["match", ["get", "state"], "measuring", colour("accent"), "outage", colour("outage"), colour("quiet")];
  const street = (near: number, far: number) => [
    "interpolate",
    ["exponential", 1.6],
    ["zoom"],
    12,
    far,
    18,
    near,
    20,
    near * 2.5,
  ];
  const dot = ["interpolate", ["linear"], ["zoom"], 4, 4, 12, 5, 17, 10];
  const round = { "line-cap": "round", "line-join": "round" };
  const base: unknown[] = hasTiles
    ? [{ id: "tiles", type: "raster", source: "tiles", paint: { "raster-saturation": -0.7, "raster-opacity": 0.8 } }]
    : [
        { id: "water", type: "fill", source: "base", filter: kind("water"), paint: { "fill-color": colour("map-water") } },
        {
          id: "streets-edge",
          type: "line",
          source: "base",
          filter: kind("street"),
          layout: round,
          paint: { "line-color": colour("map-edge"), "line-width": street(44, 2.4) },
        },
        {
          id: "streets",
          type: "line",
          source: "base",
          filter: kind("street"),
          layout: round,
          paint: { "line-color": colour("map-street"), "line-width": street(40, 1.4) },
        },
      ];
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("map-paper") } },
    ...base,
    {
      id: "areas",
      type: "fill",
      source: "view",
      filter: kind("area"),
      paint: { "fill-color": byState, "fill-opacity": 0.22 },
    },
    {
      id: "area-edges",
      type: "line",
      source: "view",
      filter: kind("area"),
      layout: round,
      paint: { "line-color": byState, "line-width": 2 },
    },
    {
      id: "lines",
      type: "line",
      source: "view",
      filter: kind("line"),
      layout: round,
      paint: { "line-color": byState, "line-width": 4 },
    },
    {
      id: "clusters",
      type: "circle",
      source: "view",
      filter: kind("cluster"),
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "count"]], 0.3, 13, 4, 27],
        "circle-color": colour("accent-soft"),
        "circle-stroke-color": colour("accent"),
        "circle-stroke-width": 2,
      },
    },
    {
      id: "chosen",
      type: "circle",
      source: "view",
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
      source: "view",
      filter: kind("sensor"),
      paint: {
        "circle-radius": dot,
        "circle-color": ["match", ["get", "type"], "camera", byState, colour("map-paper")],
        "circle-stroke-color": byState,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 4, 2, 17, 3.4],
      },
    },
  ] as LayerSpecification[];
}
