/** Parts of the Earth: west, south, east, north in degrees. */
import type { Bounds, Sensor } from "../api.ts";

/** Around the sensor and its areas and lines, where they lie on the ground. */
export function boundsOf(sensor: Sensor): Bounds {
  const shapes = [...sensor.areas, ...sensor.lines].flatMap((one) => one.ground ?? []);
  const [east, north] = [
    [sensor.longitude, ...shapes.map(([longitude]) => longitude)],
    [sensor.latitude, ...shapes.map(([, latitude]) => latitude)],
  ];
  return [Math.min(...east), Math.min(...north), Math.max(...east), Math.max(...north)];
}

export const isOnGround = (sensor: Sensor): boolean => [...sensor.areas, ...sensor.lines].some((one) => one.ground !== null);

/** With a margin of its height, at least `least` degrees. */
export function padded([west, south, east, north]: Bounds, least: number): [number, number, number, number] {
  const more = Math.max(least, (north - south) * 0.08);
  return [west - more, south - more, east + more, north + more];
}
