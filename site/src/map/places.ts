/** Sensors that are near each other make a place; a city may have several. */
import type { Sensor } from "../api.ts";

export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}
export interface Place {
  readonly sensors: readonly Sensor[];
  readonly bounds: Bounds;
}

const EARTH_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in km. */
export function distance(a: Sensor, b: Sensor): number {
  const [dLat, dLon] = [radians(b.latitude - a.latitude) / 2, radians(b.longitude - a.longitude) / 2];
  const h = Math.sin(dLat) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLon) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function boundsOf(sensors: readonly Sensor[]): Bounds {
  const [lon, lat] = [sensors.map((one) => one.longitude), sensors.map((one) => one.latitude)];
  return {
    west: lon.reduce((a, b) => Math.min(a, b), 180),
    south: lat.reduce((a, b) => Math.min(a, b), 90),
    east: lon.reduce((a, b) => Math.max(a, b), -180),
    north: lat.reduce((a, b) => Math.max(a, b), -90),
  };
}

/** Groups by distance from the group's first sensor, the largest first. */
export function placesOf(sensors: readonly Sensor[], nearKm = 40): Place[] {
  const groups: Sensor[][] = [];
  for (const sensor of sensors) {
    const group = groups.find((members) => distance(members[0]!, sensor) <= nearKm);
    if (group) group.push(sensor);
    else groups.push([sensor]);
  }
  groups.sort((a, b) => b.length - a.length);
  return groups.map((members) => ({ sensors: members, bounds: boundsOf(members) }));
}
