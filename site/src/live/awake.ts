/** What is shown of a camera that sleeps: not the gap of its sleep, but what it released last. */
import type { Release, Sensor } from "../api.ts";
import { iso, load } from "../charts/points.ts";

const LOOK_BACK_S = 3600;

/** Of a camera that sleeps the view keeps the last numbers that it gave, with their time; one that works shows its gap. */
export async function awake(sensor: Sensor, releases: readonly Release[]): Promise<readonly Release[]> {
  if (sensor.state !== "asleep" || !sensor.last) return releases;
  const until = Date.parse(sensor.last) / 1000;
  const shown = releases.map(async (one): Promise<Release> => {
    if (one.value !== null) return one;
    const points = await load({ sensor, cell: one }, one.resolution, until - LOOK_BACK_S, until);
    const n = points.values.findLastIndex((value) => value !== null);
    if (n < 0) return one;
    const [start, end] = [iso(points.times[n]!), iso(points.times[n]! + one.resolution)];
    return { ...one, id: points.times[n]!, value: points.values[n]!, half_width: points.halves[n]!, outage: null, start, end };
  });
  return Promise.all(shown);
}
