/** The map: loaded after the page stands, drawn from the city's own data, from no other server unless the city names one. */
import {
  AttributionControl,
  Map as MapLibre,
  Marker,
  NavigationControl,
  ScaleControl,
  type GeoJSONSource,
  type StyleSpecification,
} from "maplibre-gl";
import { get, type Bounds, type City, type Sensor } from "../api.ts";
import { h } from "../dom.ts";
import { number } from "../format.ts";
import { t } from "../i18n/index.ts";
import { onThemed } from "../theme.ts";
import { boundsOf, isOnGround, padded } from "./bounds.ts";
import type { Ground } from "./ground.ts";
import { nameStreets } from "./names.ts";
import { layersOf } from "./style.ts";

export interface MapView {
  readonly choose: (sensor: Sensor | null) => void;
  readonly fit: (bounds: Bounds) => void;
  readonly remove: () => void;
}

const [PLACE_ZOOM, GROUND_ZOOM, MOST_ZOOM] = [17.2, 19.3, 21];
const PLACE_MARGIN = 0.0006;
const GROUND_PADDING = { top: 120, bottom: 50, left: 60, right: 60 };
const ROOMY_PX = 500;
const [LABELS_FROM_ZOOM, SENSOR_ZOOM] = [16, 16];
const LOOK_AGAIN_MS = 60_000;
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const CLICKED = ["sensors", "clusters", "areas", "lines"];

function styleOf(city: City, base: object): StyleSpecification {
  const tiles = city.map?.tiles;
  return {
    version: 8,
    sources: {
      base: {
        type: "geojson",
        data: base as GeoJSON.GeoJSON,
        ...(city.map?.attribution ? { attribution: city.map.attribution } : {}),
      },
      view: { type: "geojson", data: EMPTY },
      ...(tiles ? { tiles: { type: "raster", tiles: [tiles], tileSize: 256 } } : {}),
    },
    layers: layersOf(Boolean(tiles)),
  };
}

/** Areas and lines have the state of their camera. */
function stated(features: readonly GeoJSON.Feature[]): GeoJSON.Feature[] {
  const states = new Map(features.map(({ properties }) => [properties?.["id"], properties?.["state"] as unknown]));
  return features.map((one) =>
    one.properties?.["sensor"] ? { ...one, properties: { ...one.properties, state: states.get(one.properties["sensor"]) } } : one,
  );
}

/** Throws where the browser cannot draw one (no WebGL). */
export function makeMap(container: HTMLElement, city: City, base: object, bounds: Bounds, chosen: (id: string) => void): MapView {
  const map = new MapLibre({
    container,
    style: styleOf(city, base),
    bounds: padded(bounds, PLACE_MARGIN),
    fitBoundsOptions: { maxZoom: PLACE_ZOOM },
    maxZoom: MOST_ZOOM,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    locale: {
      "NavigationControl.ZoomIn": t("map.zoomIn"),
      "NavigationControl.ZoomOut": t("map.zoomOut"),
      "Map.Title": t("map.title"),
      "CooperativeGesturesHandler.MobileHelpText": t("map.twoFingers"),
      "AttributionControl.ToggleAttribution": t("map.attribution"),
    },
    renderWorldCopies: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  map.addControl(new AttributionControl({ compact: false }), "bottom-right");

  let [turn, counts, ground] = [0, [] as Marker[], null as Ground | null];
  let [looked, shown, wanted] = [false, new Set<string>(), null as Sensor | null];

  /** Come as near to the chosen sensor as it takes to see it by itself. */
  function seek(): void {
    if (wanted && !isOnGround(wanted) && !shown.has(wanted.id))
      map.jumpTo({ center: [wanted.longitude, wanted.latitude], zoom: Math.max(map.getZoom(), SENSOR_ZOOM) });
  }

  /** What the view holds, from the city's own API; what is shown stays where it does not answer. */
  async function look(): Promise<void> {
    const mine = ++turn;
    const [box, zoom] = [map.getBounds(), map.getZoom()];
    const lon = (value: number) => Math.max(-180, Math.min(180, value));
    const query = { west: lon(box.getWest()), south: box.getSouth(), east: lon(box.getEast()), north: box.getNorth(), zoom };
    const found = await get<GeoJSON.FeatureCollection>("/api/v1/map", query).catch(() => null);
    if (mine !== turn || !found) return;
    const features = stated(found.features);
    map.getSource<GeoJSONSource>("view")?.setData({ ...found, features });
    shown = new Set(features.map((one) => String(one.properties?.["id"])));
    if (!looked) {
      looked = true;
      seek();
    }
    for (const one of counts) one.remove();
    counts = features.flatMap(({ geometry, properties }) => {
      if (properties?.["kind"] !== "cluster" || geometry.type !== "Point") return [];
      const element = h("span", { class: "cluster-count", "aria-hidden": "true" }, number(Number(properties["count"])));
      return [new Marker({ element }).setLngLat(geometry.coordinates as [number, number]).addTo(map)];
    });
    if (zoom < LABELS_FROM_ZOOM || !features.some((one) => one.properties?.["sensor"])) return ground?.clear();
    const { Ground, shapesOf } = await import("./ground.ts");
    if (mine !== turn) return;
    ground ??= new Ground(map);
    await ground.show(shapesOf(features));
  }

  map.on("load", () => void look());
  map.on("moveend", () => void (map.getSource("view") && look()));
  const timer = setInterval(() => void look(), LOOK_AGAIN_MS);
  map.on("click", (event) => {
    const near = 12;
    const { x, y } = event.point;
    const [found] = map.queryRenderedFeatures(
      [
        [x - near, y - near],
        [x + near, y + near],
      ],
      { layers: CLICKED },
    );
    if (!found) return;
    const { kind, id, sensor, bounds: around } = found.properties as Record<string, string>;
    if (kind === "cluster") map.fitBounds(padded(JSON.parse(around!) as Bounds, PLACE_MARGIN), { animate: false });
    else chosen((id ?? sensor)!);
  });
  for (const layer of CLICKED) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
  nameStreets(map, base);
  const stop = onThemed(() => {
    for (const layer of layersOf(Boolean(city.map?.tiles)))
      for (const [name, value] of Object.entries(("paint" in layer && layer.paint) || {}))
        map.setPaintProperty(layer.id, name, value);
  });
  const size = new ResizeObserver(() => map.resize());
  size.observe(container);
  return {
    choose(sensor) {
      const show = () => map.setFilter("chosen", ["==", ["get", "id"], sensor?.id ?? ""]);
      if (map.isStyleLoaded()) show();
      else void map.once("load", show);
      wanted = sensor;
      if (!sensor) return;
      if (isOnGround(sensor)) {
        const around = boundsOf(sensor, container.clientHeight < ROOMY_PX);
        map.fitBounds([...around], { maxZoom: GROUND_ZOOM, animate: false, padding: GROUND_PADDING });
      } else if (looked) seek();
    },
    fit: (wanted) => map.fitBounds(padded(wanted, PLACE_MARGIN), { maxZoom: PLACE_ZOOM, animate: false }),
    remove() {
      turn = -1;
      clearInterval(timer);
      stop();
      size.disconnect();
      map.remove();
    },
  };
}
