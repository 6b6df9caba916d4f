/** What the site computes itself: sums with their error, days of a zone, changes of mandates, places of signs. */
import { describe, expect, it } from "vitest";
import type { End, Mandate, Release, Sensor } from "../src/api.ts";
import { shades } from "../src/charts/calendar.ts";
import { drawnAt } from "../src/charts/line.ts";
import { runs } from "../src/charts/spark.ts";
import { align, change, stepFor, tally, total, variance, type Points } from "../src/charts/points.ts";
import { dayAfter, dayOf, startOf, weekdayOf } from "../src/charts/zone.ts";
import { inside, scatter, crowdsOf } from "../src/live/pictograms.ts";
import { differences } from "../src/mandate/diff.ts";
import { cellsOf, eventsOf, stoppedAt } from "../src/mandate/events.ts";
import { streetOf } from "../src/map/names.ts";
import { boundsOf, isOnGround, padded } from "../src/map/bounds.ts";
import { crossingsOf, forward, middle, shapesOf } from "../src/map/ground.ts";
import { patiently } from "../src/ledger/log.ts";
import { draw } from "../src/ledger/numbers.ts";
import { errors } from "../src/tlog/index.ts";
import { qr } from "../src/sign/qr.ts";
import { wrap } from "../src/sign/sign.ts";
import { findNonce, leadingZeros } from "../src/work.ts";
import { sha256 } from "@noble/hashes/sha2";

const points = (values: (number | null)[], half = 12, first = 0, step = 3600): Points => ({
  times: values.map((_, n) => first + n * step),
  values,
  halves: values.map(() => half),
  outages: values.map((value) => (value === null ? "no-signal" : null)),
});

describe("sums", () => {
  it("add values and errors, and leave gaps out", () => {
    const found = tally(points([10, null, -3, 25]));
    expect(found).toMatchObject({ sum: 32, count: 3, gaps: 1, busiest: 3 });
    expect(found.half).toBeGreaterThan(12 * Math.sqrt(3) * 0.9);
    expect(found.half).toBeLessThan(36);
    expect(tally(points([10])).half).toBe(12);
    expect(tally(points([null]))).toMatchObject({ sum: 0, count: 0, gaps: 1, busiest: -1 });
  });

  it("cover the true sum of discrete Laplace noise in 95 of 100 cases", () => {
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const b = 4;
    const geometric = () => Math.floor(Math.log(random()) / -(1 / b));
    const noise = () => geometric() - geometric();
    let held = 0;
    for (let run = 0; run < 2000; run++) {
      const found = tally(points(Array.from({ length: 24 }, noise)));
      if (Math.abs(found.sum) <= found.half) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.95);
    expect(variance(12)).toBeGreaterThanOrEqual(2 * b * b);
  });

  it("of several places are a gap only where none has a number", () => {
    const found = total([points([1, null, null]), points([2, 5, null])]);
    expect(found.values).toEqual([3, 5, null]);
    expect(found.outages).toEqual([null, null, "no-signal"]);
    expect(found.halves[0]).toBeGreaterThan(12);
    expect(found.halves[1]).toBe(12);
  });
});

describe("comparison", () => {
  it("finds the window of a day earlier through a change of clocks", () => {
    const past = points([100, 200, 300], 5, 3600, 86400);
    const found = align(past, [86400, 2 * 86400], 86400, 86400);
    expect(found.values).toEqual([100, 200]);
    expect(align(past, [10 * 86400], 86400, 86400).values).toEqual([null]);
  });

  it("counts only what both sides have, stream by stream", () => {
    const found = change([
      [points([50, null, 50]), points([100, 100, null])],
      [points([10, 10, 10]), points([null, 100, 100])],
    ])!;
    expect(found).toMatchObject({ now: 70, before: 300, windows: 3 });
    expect(found.ratio).toBeCloseTo(70 / 300 - 1);
    expect(found.low).toBeLessThan(found.ratio);
    expect(found.high).toBeGreaterThan(found.ratio);
    expect(change([[points([1]), points([2], 50)]])).toBeNull();
  });

  it("takes the finest step that can be drawn", () => {
    expect(stepFor(86400, [86400, 900, 3600])).toBe(900);
    expect(stepFor(60 * 86400, [86400, 900, 3600])).toBe(3600);
    expect(stepFor(7 * 366 * 86400, [86400, 3600])).toBe(86400);
  });
});

it("knows civil days, also of 23 and 25 hours", () => {
  const zone = "Pacific/Auckland";
  expect(new Date(startOf("2020-03-26", zone) * 1000).toISOString()).toBe("2020-03-25T11:00:00.000Z");
  expect(startOf("2020-04-06", zone) - startOf("2020-04-05", zone)).toBe(25 * 3600);
  expect(startOf("2020-09-28", zone) - startOf("2020-09-27", zone)).toBe(23 * 3600);
  expect(dayOf(startOf("2020-04-05", zone), zone)).toBe("2020-04-05");
  expect(dayOf(startOf("2020-04-05", zone) - 1, zone)).toBe("2020-04-04");
  expect([dayAfter("2024-02-28"), dayAfter("2024-12-31"), weekdayOf("2024-01-01")]).toEqual(["2024-02-29", "2025-01-01", 0]);
});

it("draws a step to the end of its window where nothing follows", () => {
  const found = drawnAt(points([1, 2, null, 3], 12, 0, 10), 10);
  expect(found.map((one) => [one.window, Math.round(one.second)])).toEqual([
    [0, 0],
    [1, 10],
    [1, 20],
    [2, 20],
    [3, 30],
    [3, 40],
  ]);
});

it("keeps a gap open between runs", () => {
  expect(runs([1, null, 2, 3, null, null, 0])).toEqual([[0], [2, 3], [6]]);
});

it("shades by rank and leaves gaps without one", () => {
  expect(shades([1, 1000, null, 2, 3, 4, 5])).toEqual([0, 5, null, 1, 2, 3, 4]);
});

const mandate = (hash: string, log: number, cells: string[], more: Partial<Mandate> = {}): Mandate => ({
  hash: hash.repeat(64),
  id: "square",
  title: hash,
  state: "in-force",
  public_since: `2026-0${log}-01T00:00:00Z`,
  in_force_from: `2026-0${log}-08T00:00:00Z`,
  starts: "2026-01-01T00:00:00Z",
  expires: `2026-0${log + 1}-01T00:00:00Z`,
  signed_by: [],
  log_index: log,
  sensors: ["plaza"],
  ends: [],
  document: {
    mandate: { id: "square", version: log },
    measure: cells.map((category) => ({ sensor: "plaza", family: "area_entries", subject: "square", categories: [category] })),
  },
  ...more,
});

describe("mandates", () => {
  const [first, second, third] = [
    mandate("a", 1, ["person"], { state: "expired" }),
    mandate("b", 2, ["person", "car"]),
    mandate("c", 3, ["car"]),
  ];

  it("name every number", () => {
    expect([...cellsOf(second)]).toEqual(["plaza/area_entries/square/person", "plaza/area_entries/square/car"]);
  });

  it("tell what was added, widened, narrowed and ended, and when", () => {
    const found = eventsOf([first, second, third], new Date("2026-06-01T00:00:00Z"));
    expect(found.map((one) => [one.at.slice(0, 10), one.kind, one.detail])).toEqual([
      ["2026-03-08", "narrowed", 1],
      ["2026-03-01", "proposed", 0],
      ["2026-02-08", "widened", 1],
      ["2026-02-01", "expired", 0],
      ["2026-02-01", "proposed", 0],
      ["2026-01-08", "added", 1],
      ["2026-01-01", "proposed", 0],
    ]);
  });

  it("tell when they were stopped, and by whose keys", () => {
    const end = (kind: End["kind"], public_since: string | null): End => ({
      kind,
      reason: "drawn too wide",
      signed_by: ["oversight"],
      keys: ["oversight+00000000+AAAA"],
      log_index: 9,
      public_since,
    });
    const now = new Date("2026-02-01T00:00:00Z");
    const stopped = mandate("a", 1, ["person"], {
      state: "revoked",
      ends: [end("suspension", "2026-01-20T10:00:00Z"), end("revocation", null)],
    });
    expect(eventsOf([stopped], now).map((one) => [one.at, one.kind, one.by])).toEqual([
      [now.toISOString(), "revoked", ["oversight"]],
      ["2026-01-20T10:00:00Z", "suspended", ["oversight"]],
      ["2026-01-08T00:00:00Z", "added", []],
      ["2026-01-01T00:00:00Z", "proposed", []],
    ]);
    expect(stoppedAt(stopped, now.toISOString())).toBe("2026-01-20T10:00:00Z");
    const early = { ...stopped, ends: [end("suspension", "2026-01-05T00:00:00Z")] };
    expect(eventsOf([early], now).map((one) => one.kind)).toEqual(["suspended", "proposed"]);
  });

  it("differ field by field, whatever the order of their lists", () => {
    const before = {
      schedule: { expires: "x", hours: [0, 24] },
      privacy: {
        family: [
          { name: "speed", epsilon: "1" },
          { name: "area_entries", epsilon: "2" },
        ],
      },
    };
    const after = {
      schedule: { expires: "y", hours: [0, 24] },
      privacy: {
        family: [
          { name: "area_entries", epsilon: "2" },
          { name: "speed", epsilon: "3" },
        ],
      },
    };
    expect(differences(before, after)).toEqual([
      { path: "schedule.expires", before: "x", after: "y" },
      { path: "privacy.family › speed.epsilon", before: "1", after: "3" },
    ]);
    expect(differences(before, before)).toEqual([]);
  });
});

describe("live view", () => {
  const square = [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
  ] as const;

  it("puts as many signs as the number says, inside, and the same each time", () => {
    const found = scatter(square, 40, 7);
    expect(found.length).toBe(40);
    expect(found.every((point) => inside(point, square))).toBe(true);
    expect(scatter(square, 40, 7)).toEqual(found);
    expect(scatter(square, 40, 8)).not.toEqual(found);
    expect([inside([50, 50], square), inside([150, 50], square)]).toEqual([true, false]);
  });

  it("follows the noisy number: never below zero signs, none in an outage", () => {
    const release = {
      sensor: "x",
      subject: "a",
      category: "person",
      start: "2026-01-01T00:00:00Z",
      end: "2026-01-01T00:00:15Z",
      resolution: 15,
      half_width: 30,
    };
    const of = (family: string, value: number | null) =>
      ({ ...release, id: 1, family, value, outage: value === null ? "covered" : null }) as never;
    expect(crowdsOf([of("area_entries", 9), of("person_seconds", 60)])).toMatchObject([{ signs: 4, value: 4, half: 2 }]);
    expect(crowdsOf([of("person_seconds", -40)])[0]!.signs).toBe(0);
    expect(crowdsOf([of("person_seconds", null)])[0]!.signs).toBeNull();
    expect(crowdsOf([of("person_seconds", 1e6)])[0]!.signs).toBe(150);
  });
});

describe("shapes on the ground", () => {
  const line = [
    [24.75, 59.44],
    [24.75, 59.441],
  ] as const;

  it("are read from the map, a ring without its closing point", () => {
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ];
    const feature = (geometry: object, properties: object) => ({ type: "Feature", geometry, properties }) as GeoJSON.Feature;
    const found = shapesOf([
      feature({ type: "Point", coordinates: [0, 0] }, { kind: "sensor", id: "plaza" }),
      feature({ type: "Polygon", coordinates: [ring] }, { kind: "area", sensor: "plaza", subject: "square" }),
      feature({ type: "LineString", coordinates: line }, { kind: "line", sensor: "plaza", subject: "gate" }),
    ]);
    expect(found.map((one) => [one.kind, one.subject, one.vertices.length])).toEqual([
      ["area", "square", 3],
      ["line", "gate", 2],
    ]);
    expect(middle(found[1]!.vertices)).toEqual([24.75, 59.4405]);
  });

  it("are crossed forwards from the left of a line to its right", () => {
    expect(forward(line)).toBeCloseTo(90);
    expect(forward([line[1], line[0]])).toBeCloseTo(270);
    expect(
      forward([
        [24.75, 59.44],
        [24.76, 59.44],
      ]),
    ).toBeCloseTo(180);
  });

  it("show the crossings of people at the finest step", () => {
    const of = (category: string, resolution: number, value: number) =>
      ({ family: "line_crossings", subject: "gate", category, resolution, value }) as Release;
    const found = crossingsOf([of("person.forward", 900, 3), of("person.forward", 3600, 9), of("car.backward", 900, 1)], "gate");
    expect([found.forward?.value, found.backward]).toEqual([3, undefined]);
  });

  it("widen what the map shows of a sensor", () => {
    const plaza = { longitude: 24.7, latitude: 59.4, areas: [], lines: [{ ground: line }] } as unknown as Sensor;
    expect(boundsOf(plaza)).toEqual([24.7, 59.4, 24.75, 59.441]);
    expect(boundsOf(plaza, true)).toEqual([24.75, 59.44, 24.75, 59.441]);
    expect(isOnGround({ ...plaza, lines: [] })).toBe(false);
    expect(padded([0, 0, 1, 10], 0.1)).toEqual([-0.8, -0.8, 1.8, 10.8]);
  });
});

it("writes names of streets so that they can be read", () => {
  for (const line of [
    [
      [0, 0],
      [1, 1],
    ],
    [
      [1, 1],
      [0, 0],
    ],
    [
      [0, 1],
      [0, 0],
    ],
    [
      [1, 0],
      [0, 0.2],
    ],
  ])
    expect(Math.abs(streetOf("Queen Street", line).angle)).toBeLessThanOrEqual(90);
  expect(
    streetOf("x", [
      [0, 0],
      [1, 1],
    ]).angle,
  ).toBeCloseTo(-45, 0);
});

it("wraps words of the sign, and cuts what does not fit", () => {
  const measure = (text: string) => text.length;
  expect(wrap("one two three", 1, 1, 7, 3, measure)).toEqual(["one two", "three"]);
  expect(wrap("one two three four.", 1, 1, 7, 2, measure)).toEqual(["one two", "three…"]);
  expect(wrap("Donaudampfschiff", 1, 1, 5, 2, measure)).toEqual(["Donaudampfschiff"]);
});

it("draws a QR code with its three finders", () => {
  const { path, size } = qr("https://city.example/sign/plaza");
  expect(size).toBe(29);
  for (const corner of ["M0 0h7v1h-7z", `M${size - 7} 0h7v1h-7z`, `M0 ${size - 7}h7v1h-7z`]) expect(path).toContain(corner);
});

it("finds a proof of work that the rule accepts", async () => {
  const nonce = await findNonce("challenge", 10);
  expect(leadingZeros(sha256(new TextEncoder().encode(`challenge:${nonce}`)))).toBeGreaterThanOrEqual(10);
  expect(leadingZeros(Uint8Array.of(0, 0, 0x10))).toBe(19);
  expect(leadingZeros(new Uint8Array(4))).toBe(32);
});

it("draws batches to check by chance, the newest always among them", () => {
  const all = Array.from({ length: 100 }, (_, leaf) => ({ leaf, root: "", count: 1 }));
  const drawn = draw(all, 12);
  expect(drawn.length).toBe(12);
  expect(drawn.at(-1)!.leaf).toBe(99);
  expect(draw(all.slice(0, 3), 12).length).toBe(3);
});

it("waits for a log that grows, and not for ever", async () => {
  let calls = 0;
  const found = await patiently(() =>
    ++calls < 3 ? Promise.reject(new errors.ResourceMissingError("x")) : Promise.resolve(calls),
  );
  expect(found).toBe(3);
  await expect(patiently(() => Promise.reject(new errors.ResourceMissingError("gone")), 2)).rejects.toThrow("gone");
  calls = 0;
  await expect(patiently(() => Promise.reject(new errors.ForkError(String(++calls))))).rejects.toThrow("1");
});
