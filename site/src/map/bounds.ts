/** Parts of the Earth: west, south, east, north in degrees. */
import type { Bounds, Sensor } from "../api.ts";

/** Around areas and lines where they lie on the ground, and around the sensor unless there is room for `shapesOnly`. */
export function boundsOf(sensor: Sensor, shapesOnly = false): Bounds {
  const shapes = [...sensor.areas, ...sensor.lines].flatMap((one) => one.ground ?? []);
  const points = shapesOnly && shapes.length ? shapes : [[sensor.longitude, sensor.latitude] as const, ...shapes];
  const [east, north] = [points.map(([longitude]) => longitude), points.map(([, latitude]) => latitude)];
  return [Math.min(...east), Math.min(...north), Math.max(...east), Math.max(...north)];
}

export const isOnGround = (sensor: Sensor): boolean => [...sensor.areas, ...sensor.lines].some((one) => one.ground !== null);

/** With a margin of its height, at least `least` degrees. */
export function padded([west, south, east, north]: Bounds, least: number): [number, number, number, number] {
  const more = Math.max(least, (north - south) * 0.08);
  return [west - more, south - more, east + more, north + more];
}
