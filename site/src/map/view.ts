/** The map: loaded after the page stands, drawn from the city's own data, from no other server unless the city names one. */
import { AttributionControl, Map as MapLibre, NavigationControl, ScaleControl, type StyleSpecification } from "maplibre-gl";
import type { City, Sensor } from "../api.ts";
import { t } from "../i18n/index.ts";
import { onThemed } from "../theme.ts";
import { nameStreets } from "./names.ts";
import type { Bounds } from "./places.ts";
import { layersOf, sensorsGeoJson } from "./style.ts";

export interface MapView {
  readonly choose: (sensor: Sensor | null) => void;
  readonly fit: (bounds: Bounds) => void;
  readonly remove: () => void;
}

const MAX_ZOOM = 17.2;

function padded(bounds: Bounds): [[number, number], [number, number]] {
  const more = Math.max(0.0006, (bounds.north - bounds.south) * 0.08);
  return [
    [bounds.west - more, bounds.south - more],
    [bounds.east + more, bounds.north + more],
  ];
}

function styleOf(city: City, sensors: readonly Sensor[], base: object): StyleSpecification {
  const tiles = city.map?.tiles;
  return {
    version: 8,
    sources: {
      base: {
        type: "geojson",
        data: base as GeoJSON.GeoJSON,
        ...(city.map?.attribution ? { attribution: city.map.attribution } : {}),
      },
      sensors: { type: "geojson", data: sensorsGeoJson(sensors) },
      ...(tiles ? { tiles: { type: "raster", tiles: [tiles], tileSize: 256 } } : {}),
    },
    layers: layersOf(Boolean(tiles)),
  };
}

/** Throws where the browser cannot draw one (no WebGL). */
export function makeMap(
  container: HTMLElement,
  city: City,
  sensors: readonly Sensor[],
  base: object,
  bounds: Bounds,
  chosen: (id: string) => void,
): MapView {
  const map = new MapLibre({
    container,
    style: styleOf(city, sensors, base),
    bounds: padded(bounds),
    fitBoundsOptions: { maxZoom: MAX_ZOOM },
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
  map.on("click", (event) => {
    const near = 12;
    const { x, y } = event.point;
    const [found] = map.queryRenderedFeatures(
      [
        [x - near, y - near],
        [x + near, y + near],
      ],
      { layers: ["sensors"] },
    );
    if (found) chosen(String(found.properties["id"]));
  });
  map.on("mouseenter", "sensors", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "sensors", () => (map.getCanvas().style.cursor = ""));
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
      if (sensor && !map.getBounds().contains([sensor.longitude, sensor.latitude]))
        map.jumpTo({ center: [sensor.longitude, sensor.latitude], zoom: Math.max(map.getZoom(), 14) });
    },
    fit: (wanted) => map.fitBounds(padded(wanted), { maxZoom: MAX_ZOOM, animate: false }),
    remove() {
      stop();
      size.disconnect();
      map.remove();
    },
  };
}
