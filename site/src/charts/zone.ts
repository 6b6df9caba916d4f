/** Civil days of a time zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    const parts = {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    } as const;
    found = new Intl.DateTimeFormat("en-CA", { ...parts, hourCycle: "h23", timeZone: zone });
    formats.set(zone, found);
  }
  return found;
}

function parts(second: number, zone: string): Record<string, string> {
  return Object.fromEntries(
    format(zone)
      .formatToParts(second * 1000)
      .map((part) => [part.type, part.value]),
  );
}

/** `YYYY-MM-DD` of an instant (s). */
export function dayOf(second: number, zone: string): string {
  const { year, month, day } = parts(second, zone);
  return `${year}-${month}-${day}`;
}

/** Wall-clock seconds minus UTC seconds at an instant. */
function offset(second: number, zone: string): number {
  const { year, month, day, hour, minute, second: s } = parts(second, zone);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(s)) / 1000 - second;
}

/** First instant (s) of the civil day `YYYY-MM-DD`. */
export function startOf(day: string, zone: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`) / 1000;
  const first = wall - offset(wall, zone);
  return wall - offset(first, zone);
}

/** The day some days after another. */
export function dayAfter(day: string, count = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
