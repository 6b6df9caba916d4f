/** What changed from one mandate to the next, field by field. */
import type { Json } from "../api.ts";

export interface Difference {
  /** Names from the top, such as `schedule.expires` or `measure › plaza/area_entries/square`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

type Fields = Map<string, string>;

/** Text of a value that is not a table, else nothing. */
export const plain = (value: Json | undefined): string => (value === undefined || typeof value === "object" ? "" : String(value));

/** Items of these lists are known by what they say, not by their place. */
function keyOf(item: Json, n: number): string {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return String(item);
  const { sensor, family, subject, name, seconds } = item as Record<string, Json>;
  if (sensor !== undefined) return [sensor, family, subject].map(String).join("/");
  return plain(name) || plain(seconds) || String(n);
}

function flatten(value: Json, path: string, into: Fields): Fields {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.every((item) => typeof item !== "object" || item === null)) into.set(path, items.map(String).join(", "));
    else items.forEach((item, n) => flatten(item, `${path} › ${keyOf(item, n)}`, into));
  } else if (value !== null && typeof value === "object") {
    for (const [name, part] of Object.entries(value)) flatten(part, path ? `${path}.${name}` : name, into);
  } else into.set(path, String(value));
  return into;
}

const NAMES_ITSELF = / › .*\.(sensor|family|subject|name)$/;

export function differences(before: Json, after: Json): Difference[] {
  const [old, fresh] = [flatten(before, "", new Map()), flatten(after, "", new Map())];
  const paths = new Set([...old.keys(), ...fresh.keys()]);
  return [...paths]
    .filter((path) => old.get(path) !== fresh.get(path) && !NAMES_ITSELF.test(path))
    .map((path) => ({ path, before: old.get(path) ?? null, after: fresh.get(path) ?? null }));
}
