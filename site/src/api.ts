/** The city's API as this site uses it. Everything comes from the origin that served the page. */
export type State = "measuring" | "outage" | "asleep" | "not-mandated";
export interface Cell {
  readonly family: string;
  readonly subject: string;
  readonly category: string;
  readonly unit: string;
}
export type Point = readonly [number, number];
export interface Sensor {
  readonly id: string;
  readonly name: string;
  readonly type: "camera" | "counter";
  readonly latitude: number;
  readonly longitude: number;
  readonly zone: string;
  readonly state: State;
  readonly cells: readonly Cell[];
  readonly resolutions: readonly number[];
  readonly mandates: readonly string[];
  readonly picture: readonly [number, number] | null;
  readonly areas: readonly {
    readonly id: string;
    readonly polygon: readonly Point[];
    readonly ground: readonly Point[] | null;
  }[];
  readonly lines: readonly {
    readonly id: string;
    readonly start: Point;
    readonly end: Point;
    readonly ground: readonly Point[] | null;
  }[];
  readonly ground_error_m: number | null;
  readonly plate: string | null;
  readonly first: string | null;
  readonly last: string | null;
}
export interface City {
  readonly name: string;
  readonly attributions: readonly { readonly text: string; readonly url: string; readonly licence: string }[];
  readonly log: { readonly origin: string; readonly vkey: string; readonly policy: string };
  readonly notes: readonly string[];
  readonly map?: { readonly tiles: string | null; readonly attribution: string | null } | null;
  readonly moments?: readonly Span[];
  readonly cameras: number;
  readonly counters: number;
  readonly places: readonly Place[];
  readonly licence: { readonly spdx: string | null; readonly title: string; readonly url: string };
}
/** Sensors that are near each other; `bounds`: west, south, east, north. `name`: of one that is alone. */
export interface Place {
  readonly name: string | null;
  readonly zone: string;
  readonly sensors: number;
  readonly bounds: Bounds;
}
export type Bounds = readonly [number, number, number, number];
/** Days of the city that people ask about: `first` to `last`, both included, in the days of `zone`. */
export interface Span {
  readonly title: Readonly<Record<string, string>>;
  readonly first: string;
  readonly last: string;
}
export type MandateState = "logged" | "notice" | "approved" | "in-force" | "expired" | "suspended" | "revoked";
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export interface Mandate {
  readonly hash: string;
  readonly id: string;
  readonly title: string;
  readonly state: MandateState;
  readonly public_since: string | null;
  readonly in_force_from: string | null;
  readonly starts: string;
  readonly expires: string;
  readonly signed_by: readonly string[];
  readonly log_index: number;
  readonly sensors: readonly string[];
  readonly document: { readonly [key: string]: Json };
  readonly ends: readonly End[];
}
/** What stopped a mandate before its time, by whose keys; `public_since` is null for the seconds until it is witnessed. */
export interface End {
  readonly kind: "suspension" | "revocation";
  readonly reason: string;
  readonly signed_by: readonly string[];
  readonly keys: readonly string[];
  readonly log_index: number;
  readonly public_since: string | null;
}
export interface Release {
  readonly id: number;
  readonly sensor: string;
  readonly family: string;
  readonly subject: string;
  readonly category: string;
  readonly start: string;
  readonly end: string;
  readonly value: number | null;
  readonly scale: number;
  readonly half_width: number;
  readonly coverage: number;
  readonly outage: string | null;
  readonly mandate: string;
  readonly unit: string;
  readonly resolution: number;
  readonly manifest: number;
  readonly batch: string;
  readonly index: number;
}
export interface Series {
  readonly unit: string;
  readonly resolution: number;
  readonly start: readonly string[];
  readonly value: readonly (number | null)[];
  readonly half_width: readonly number[];
  readonly coverage: readonly number[];
  readonly outage: readonly (string | null)[];
}
export interface Batch {
  readonly manifest: number;
  readonly root: string;
  readonly mandate: string;
  readonly releases: number;
  readonly start: string;
  readonly end: string;
  readonly lines: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The server did not answer, or answered with a problem (`status` 0: no answer). */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function request(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "omit", ...init });
  } catch {
    throw new ServerError(0, "no answer");
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { detail?: unknown } | null;
    throw new ServerError(response.status, typeof problem?.detail === "string" ? problem.detail : response.statusText);
  }
  return response;
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export function address(path: string, query: Query = {}): string {
  const wanted = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

export async function get<T>(path: string, query: Query = {}): Promise<T> {
  return (await (await request(address(path, query))).json()) as T;
}

const PAGE = 1000;

/** Every item of a paged list, at most `most` of them. */
export async function all<T>(path: string, most: number, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(path, { ...query, limit: PAGE, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && items.length < most);
  return items;
}

function once<T>(make: () => Promise<T>): { (): Promise<T>; forget(): void } {
  let made: Promise<T> | undefined;
  const ask = () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
  return Object.assign(ask, { forget: () => void (made = undefined) });
}

const MANDATES = 20_000;

export const city = once(() => get<City>("/api/v1/city"));
/** The first thousand cameras and counters: all of them in most cities. */
export const sensors = once(() => all<Sensor>("/api/v1/sensors", PAGE));
export const mandates = once(() => all<Mandate>("/api/v1/mandates", MANDATES));
export const latest = async (sensor: string): Promise<readonly Release[]> =>
  (await get<Page<Release>>(`/api/v1/sensors/${sensor}/latest`)).items;

/** Cameras and counters whose name or id holds these words, all of them where there are none. */
export const search = (words: string, limit: number): Promise<Page<Sensor>> =>
  get<Page<Sensor>>("/api/v1/sensors", { q: words || null, limit });

export const LISTED = 60;
/** What the first page lists. */
export const listed = once(() => search("", LISTED));

const asked = new Map<string, Promise<Mandate>>();

function mandate(hash: string): Promise<Mandate> {
  const known = asked.get(hash) ?? get<Mandate>(`/api/v1/mandates/${hash}`);
  asked.set(hash, known);
  known.catch(() => asked.delete(hash));
  return known;
}

/** The mandate that covers a sensor now, or the one that did last. */
export async function mandateOf(sensor: Sensor): Promise<Mandate | undefined> {
  const mine = await Promise.all(sensor.mandates.map(mandate));
  return mine.find((one) => one.state === "in-force") ?? mine.at(-1);
}

/** Ask again for what changes while the page is open. */
export function refresh(): void {
  for (const one of [city, listed, sensors, mandates]) one.forget();
  asked.clear();
}
